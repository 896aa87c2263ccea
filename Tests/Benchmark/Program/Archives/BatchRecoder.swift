import CChecksum
import CLZ4
import ColdStorage
import Glibc

/// Makes of an uncompressed archive one whose batches are compressed with lz4, as a broker stores what a producer sent so.
enum BatchRecoder {
  /// Protocol guide, "Record Batch": length, checksum, attributes; the checksum is of what comes after it.
  private enum Place { static let (length, checksum, attributes) = (8, 17, 21) }

  static func recode(_ plain: BenchArchive, as kind: BenchArchive.Kind, _ path: String) throws -> BenchArchive {
    guard kind.codec == .lz4 else { throw Wrong("no archive can be made with \(kind.codec)") }
    for folder in [path, "\(path)/\(BenchArchive.topic)", "\(path)/\(BenchArchive.topic)/0"] { mkdir(folder, 0o755) }
    let file = "\(path)/\(BenchArchive.topic)/0/\(String(repeating: "0", count: 20)).log"
    guard let segment = fopen(file, "w") else { throw Wrong("\(file): \(String(cString: strerror(errno)))") }
    defer { fclose(segment) }
    let reader = try plain.open().reader(0)
    var output = [UInt8]()
    while let batch = try reader.next() {
      let size = try recode(batch.bytes, &output)
      guard fwrite(output, 1, size, segment) == size else { throw Wrong("\(file) can't be written") }
    }
    guard fflush(segment) == 0 else { throw Wrong("\(file) can't be written") }
    try Reindex(try VolumeStore(root: path), topic: BenchArchive.topic).run(now: 1)
    return BenchArchive(kind: kind, path: path, records: plain.records, contentBytes: plain.contentBytes)
  }

  /// Puts the batch into `output`; returns its size.
  private static func recode(_ batch: UnsafeRawBufferPointer, _ output: inout [UInt8]) throws -> Int {
    let header = BatchHeader.byteCount
    let payload = UnsafeRawBufferPointer(rebasing: batch[header...])
    // As Kafka's clients have it: independent blocks of 64 KB, no checksum of the content (KIP-57).
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockSizeID = LZ4F_max64KB
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    let bound = LZ4F_compressFrameBound(payload.count, &preferences)
    if output.count < header + bound { output = [UInt8](repeating: 0, count: header + bound) }
    return try output.withUnsafeMutableBytes { output in
      let written = LZ4F_compressFrame(
        output.baseAddress.map { $0 + header }, bound, payload.baseAddress, payload.count, &preferences)
      guard LZ4F_isError(written) == 0 else { throw Wrong(String(cString: LZ4F_getErrorName(written))) }
      output.copyMemory(from: UnsafeRawBufferPointer(rebasing: batch[..<header]))
      let size = header + written
      output.storeBytes(of: Int32(size - 12).bigEndian, toByteOffset: Place.length, as: Int32.self)
      let attributes = Int16(bigEndian: output.loadUnaligned(fromByteOffset: Place.attributes, as: Int16.self))
      let changed = attributes & ~7 | BatchCodec.lz4.rawValue
      output.storeBytes(of: changed.bigEndian, toByteOffset: Place.attributes, as: Int16.self)
      let sum = crc32c(0, output.baseAddress.map { $0 + Place.attributes }, size - Place.attributes)
      output.storeBytes(of: sum.bigEndian, toByteOffset: Place.checksum, as: UInt32.self)
      return size
    }
  }
}

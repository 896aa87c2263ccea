import ColdStorage

/// Blobs in memory, for one thread.
final class MemoryStore: BlobStore, @unchecked Sendable {
  var blobs: [String: [UInt8]] = [:]

  func location(of key: BlobKey) -> String { key.description }

  func list(_ prefix: BlobKey) throws(StorageError) -> [BlobInfo] {
    var found: [BlobInfo] = []
    for (path, bytes) in blobs.sorted(by: { $0.key < $1.key }) {
      let key = try BlobKey(path)
      if key.components.starts(with: prefix.components) { found.append(BlobInfo(key: key, size: UInt64(bytes.count))) }
    }
    return found
  }

  func folders(_ prefix: BlobKey) throws(StorageError) -> [String] {
    let depth = prefix.components.count
    return Set(try list(prefix).map(\.key.components).filter { $0.count > depth + 1 }.map { $0[depth] }).sorted()
  }

  func stat(_ key: BlobKey) throws(StorageError) -> BlobInfo? {
    blobs[key.description].map { BlobInfo(key: key, size: UInt64($0.count)) }
  }

  func open(_ key: BlobKey) throws(StorageError) -> any BlobReader {
    guard let bytes = blobs[key.description] else { throw .missing(file: key.description) }
    return Reader(bytes)
  }

  func write(_ key: BlobKey, _ bytes: [UInt8]) throws(StorageError) { blobs[key.description] = bytes }
  func create(_ key: BlobKey) throws(StorageError) -> any BlobWriter { Writer(self, key) }
  func delete(_ key: BlobKey) throws(StorageError) { blobs[key.description] = nil }
  func lease(_ key: BlobKey) throws(StorageError) -> any BlobLease { Lease() }

  private final class Lease: BlobLease {}

  private final class Reader: BlobReader {
    private let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var size: UInt64 { UInt64(bytes.count) }

    func read(at position: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int {
      let start = Int(min(position, size))
      let count = min(buffer.count, bytes.count - start)
      bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)])) }
      return count
    }
  }

  private final class Writer: BlobWriter {
    private let store: MemoryStore
    private let key: BlobKey
    private var bytes: [UInt8] = []

    init(_ store: MemoryStore, _ key: BlobKey) { (self.store, self.key) = (store, key) }

    func append(_ more: UnsafeRawBufferPointer) throws(StorageError) { bytes += more }
    func finish() throws(StorageError) { store.blobs[key.description] = bytes }
  }
}

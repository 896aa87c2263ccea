import CSnappy

/// Snappy in the two forms that Kafka's clients write: bare (librdkafka and others), and in the blocks of snappy-java's
/// `SnappyOutputStream` (Kafka's own): an 8-byte magic, version and oldest compatible version as big-endian i32, then
/// blocks of big-endian i32 length and bare snappy.
package enum SnappyDecompressor {
  private static let magic: [UInt8] = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]
  private static let headerSize = 16

  /// Inflates all of `source` into `destination` and returns how many bytes that were.
  package static func decompress(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) throws(CompressionError) -> Int {
    guard source.starts(with: magic) else { return try block(source, into: destination[...]) }
    guard source.count >= headerSize else { throw .damaged("the header of the snappy blocks is cut off") }
    var (position, made) = (headerSize, 0)
    while position < source.count {
      guard source.count - position >= 4 else { throw .damaged("the length of a snappy block is cut off") }
      let length = Int32(bigEndian: source.loadUnaligned(fromByteOffset: position, as: Int32.self))
      position += 4
      guard length >= 0, Int(length) <= source.count - position else {
        throw .damaged("a snappy block is \(length) bytes long, and \(source.count - position) are left")
      }
      made += try block(
        UnsafeRawBufferPointer(rebasing: source[position..<(position + Int(length))]), into: destination[made...])
      position += Int(length)
    }
    return made
  }

  private static func block(
    _ source: UnsafeRawBufferPointer, into destination: Slice<UnsafeMutableRawBufferPointer>
  ) throws(CompressionError) -> Int {
    let bytes = source.assumingMemoryBound(to: CChar.self).baseAddress
    let target = UnsafeMutableRawBufferPointer(rebasing: destination)
    var size = 0
    guard snappy_uncompressed_length(bytes, source.count, &size) == SNAPPY_OK else {
      throw .damaged("it is no snappy block")
    }
    // Three bytes make 64 at most: a block that claims much more would only cost memory.
    guard size <= source.count.multipliedReportingOverflow(by: 32).partialValue else {
      throw .damaged("a snappy block of \(source.count) bytes claims to inflate to \(size)")
    }
    guard size <= target.count else { throw .needsMoreSpace }
    guard size > 0 else { return 0 }
    let status = snappy_uncompress(bytes, source.count, target.assumingMemoryBound(to: CChar.self).baseAddress, &size)
    guard status == SNAPPY_OK else { throw .damaged("the snappy block is damaged") }
    return size
  }
}

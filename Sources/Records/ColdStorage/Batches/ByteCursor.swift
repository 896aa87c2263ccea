/// A position in borrowed bytes. Nothing it does can leave them, whatever they say.
struct ByteCursor {
  private let all: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { all = bytes }

  @inline(__always)
  var remaining: Int { all.count - position }

  @inline(__always)
  mutating func byte() throws(BatchError) -> UInt8 {
    guard position < all.count else { throw .damaged("a record is cut off") }
    defer { position += 1 }
    return all[position]
  }

  /// A zigzag number of at most 64 bits.
  @inline(__always)
  mutating func varint64() throws(BatchError) -> Int64 {
    var value = UInt64(try byte())
    if value >= 0x80 {
      value &= 0x7f
      var shift: UInt64 = 7
      while true {
        let byte = UInt64(try byte())
        value |= (byte & 0x7f) &<< shift
        if byte < 0x80 { break }
        shift += 7
        guard shift < 64 else { throw .damaged("a number in a record has no end") }
      }
    }
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  @inline(__always)
  mutating func varint32() throws(BatchError) -> Int32 {
    guard let value = Int32(exactly: try varint64()) else { throw .damaged("a number in a record is too large") }
    return value
  }

  @inline(__always)
  mutating func bytes(_ count: Int) throws(BatchError) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else { throw .damaged("a length in a record leads out of it") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: all[position..<(position + count)])
  }

  /// Length and bytes, −1 for null; other negative lengths are errors.
  @inline(__always)
  mutating func nullableBytes() throws(BatchError) -> UnsafeRawBufferPointer? {
    let length = try varint32()
    return length == -1 ? nil : try bytes(Int(length))
  }
}

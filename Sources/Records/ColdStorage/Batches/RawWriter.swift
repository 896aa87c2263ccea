/// Writes one thing after another into memory that the caller has made large enough: the record path's inner loop,
/// where growing is looked at once a record and not once a field.
struct RawWriter {
  private let memory: UnsafeMutableRawBufferPointer
  private(set) var position = 0

  init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

  @inline(__always)
  mutating func write(byte: UInt8) {
    memory[position] = byte
    position += 1
  }

  @inline(__always)
  mutating func write<Number: FixedWidthInteger>(bigEndian number: Number) {
    number.store(bigEndianAt: position, in: memory)
    position += MemoryLayout<Number>.size
  }

  @inline(__always)
  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    UnsafeMutableRawBufferPointer(rebasing: memory[position...]).copyMemory(from: bytes)
    position += bytes.count
  }

  /// Zigzag, then seven bits a byte, the lowest first.
  @inline(__always)
  mutating func write(varint number: Int64) {
    var rest = UInt64(bitPattern: number << 1) ^ UInt64(bitPattern: number >> 63)
    while rest >= 0x80 {
      write(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    write(byte: UInt8(truncatingIfNeeded: rest))
  }

  /// −1 for null.
  @inline(__always)
  mutating func write(lengthAnd bytes: UnsafeRawBufferPointer?) {
    guard let bytes else { return write(varint: -1) }
    write(varint: Int64(bytes.count))
    write(bytes)
  }
}

/// Lower-case hexadecimal digits.
package enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  package static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes { append(byte, to: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  /// 32 digits.
  package static func append(_ number: UInt128, to text: inout [UInt8]) {
    for shift in stride(from: 120, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> UInt128(shift)), to: &text)
    }
  }

  private static func append(_ byte: UInt8, to text: inout [UInt8]) {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }

  /// Nil unless these are exactly 32 lower-case digits.
  package static func number(_ text: UnsafeRawBufferPointer) -> UInt128? {
    guard text.count == 32, let first = eight(text, 0), let second = eight(text, 8), let third = eight(text, 16),
      let fourth = eight(text, 24)
    else { return nil }
    return UInt128(UInt64(first) << 32 | UInt64(second)) << 64 | UInt128(UInt64(third) << 32 | UInt64(fourth))
  }

  /// All eight at once, each in a byte of a number: an archive's index has more than two hundred digits for each segment.
  @inline(__always)
  private static func eight(_ text: UnsafeRawBufferPointer, _ start: Int) -> UInt32? {
    let bytes = UInt64(bigEndian: text.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    guard bytes & tops == 0 else { return nil }
    // No byte is above 0x7F, so no sum reaches the next one; its top bit says whether a byte is at least as large as what is taken from 0x80.
    @inline(__always) func areAtLeast(_ least: UInt8) -> UInt64 { bytes &+ ones &* UInt64(0x80 - least) }
    let digits = areAtLeast(UInt8(ascii: "0")) & ~areAtLeast(UInt8(ascii: "9") + 1)
    let letters = areAtLeast(UInt8(ascii: "a")) & ~areAtLeast(UInt8(ascii: "f") + 1) & tops
    guard (digits | letters) & tops == tops else { return nil }
    // The lower half of "0" is 0, that of "a" 1.
    var value = (bytes & (ones &* 0x0F)) &+ (letters >> 7) &* 9
    value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
    value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
    return UInt32(truncatingIfNeeded: value | value >> 16)
  }
}

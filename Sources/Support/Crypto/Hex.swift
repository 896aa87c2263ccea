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
    guard text.count == 32, let upper = half(text, 0), let lower = half(text, 16) else { return nil }
    return UInt128(upper) << 64 | UInt128(lower)
  }

  private static func half(_ text: UnsafeRawBufferPointer, _ start: Int) -> UInt64? {
    var number: UInt64 = 0
    for position in start..<start + 16 {
      guard let value = value(text[position]) else { return nil }
      number = number << 4 | UInt64(value)
    }
    return number
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

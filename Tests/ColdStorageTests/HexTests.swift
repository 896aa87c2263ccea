import Crypto
import Seeded
import Testing

@Suite("Hexadecimal digits") struct HexTests {
  private func read(_ text: [UInt8]) -> UInt128? { text.withUnsafeBytes { Hex.number($0) } }

  @Test("A number is read as it was written", arguments: 0..<20 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var generator = SeededGenerator(seed)
    let number = UInt128.random(in: 0 ... .max, using: &generator) >> UInt128(seed * 6)
    var text: [UInt8] = []
    Hex.append(number, to: &text)
    #expect(read(text) == number, "seed \(seed)")
    #expect(UInt128(String(decoding: text, as: UTF8.self), radix: 16) == number, "seed \(seed)")
  }

  @Test("Of all bytes, 16 are digits, wherever they stand", arguments: 0..<32)
  func bytes(position: Int) {
    let zero = [UInt8](repeating: UInt8(ascii: "0"), count: 32)
    let digits = Array("0123456789abcdef".utf8)
    for byte in 0...255 as ClosedRange<UInt8> {
      var text = zero
      text[position] = byte
      let value = digits.firstIndex(of: byte).map { UInt128($0) << UInt128(4 * (31 - position)) }
      #expect(read(text) == value, "byte \(byte)")
    }
  }

  @Test("There are 32, no more and no less", arguments: [0, 1, 16, 31, 33, 64])
  func counts(count: Int) { #expect(read([UInt8](repeating: UInt8(ascii: "1"), count: count)) == nil) }
}

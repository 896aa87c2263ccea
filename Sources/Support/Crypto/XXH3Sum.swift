/// An XXH3 of 128 bits. Written as `xxh128sum` prints it: the canonical form, big-endian.
package struct XXH3Sum: Hashable, Sendable, CustomStringConvertible {
  private let value: UInt128

  init(value: UInt128) { self.value = value }

  /// From 32 lower-case hexadecimal digits; nil for anything else.
  package init?(hex: String) {
    var hex = hex
    guard let sum = hex.withUTF8({ XXH3Sum(hex: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = sum
  }

  /// The same from the digits' bytes.
  package init?(hex: UnsafeRawBufferPointer) {
    guard let value = Hex.number(hex) else { return nil }
    self.value = value
  }

  /// 32 lower-case hexadecimal digits.
  package var hex: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the digits of `hex`.
  package func write(to text: inout [UInt8]) { Hex.append(value, to: &text) }

  package var description: String { hex }
}

import Crypto

/// An order-sensitive digest of a sequence of records that composes: that of two sequences, one after the other,
/// follows from theirs and the second one's length, so a batch nobody opened still counts. D(ab) = D(a)·Pⁿ + D(b)
/// modulo 2¹²⁷ − 1, n being the number of records of b. It finds every accident; it is no signature against a forger.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
  static let modulus: UInt128 = (1 << 127) - 1
  static let base: UInt128 = 0x3bb7_bb61_6343_00f1_c1f9_5652_524a_f842

  /// Of no records.
  package static let empty = Digest(value: 0)

  /// Less than 2¹²⁷ − 1.
  package let value: UInt128

  init(value: UInt128) { self.value = value }

  /// Of one record, whose canonical bytes these are.
  package init(ofRecord bytes: UnsafeRawBufferPointer) { value = Self.reduce(XXH3.hash128(bytes)) }

  /// From 32 lower-case hexadecimal digits; nil for anything else, a number beyond the modulus included.
  package init?(hex: String) {
    var hex = hex
    guard let digest = hex.withUTF8({ Digest(hex: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = digest
  }

  /// The same from the digits' bytes.
  init?(hex: UnsafeRawBufferPointer) {
    guard let value = Hex.number(hex), value < Self.modulus else { return nil }
    self.value = value
  }

  /// 32 lower-case hexadecimal digits.
  package var hex: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the digits of `hex`.
  func write(to text: inout [UInt8]) { Hex.append(value, to: &text) }

  package var description: String { hex }

  /// This sequence and then another one of `records` records.
  package func followed(by other: Digest, records: Int64) -> Digest {
    let power = records == 1 ? Self.base : Self.power(UInt64(max(0, records)))
    return Digest(value: Self.add(Self.multiply(value, power), other.value))
  }
}

// Arithmetic modulo the Mersenne prime 2¹²⁷ − 1: since 2¹²⁷ is 1, the upper bits of a number are added to its lower
// ones.
extension Digest {
  static func reduce(_ number: UInt128) -> UInt128 {
    let folded = (number & modulus) + (number >> 127)
    return folded >= modulus ? folded - modulus : folded
  }

  static func add(_ left: UInt128, _ right: UInt128) -> UInt128 { reduce(left + right) }

  static func multiply(_ left: UInt128, _ right: UInt128) -> UInt128 {
    let (high, low) = left.multipliedFullWidth(by: right)
    return reduce((high << 1 | low >> 127) + (low & modulus))
  }

  /// base^(2^k) for each k.
  private static let squares: [UInt128] = {
    var squares = [base]
    for _ in 1..<64 { squares.append(multiply(squares[squares.count - 1], squares[squares.count - 1])) }
    return squares
  }()

  static func power(_ exponent: UInt64) -> UInt128 {
    var result: UInt128 = 1
    var rest = exponent
    while rest != 0 {
      result = multiply(result, squares[rest.trailingZeroBitCount])
      rest &= rest - 1
    }
    return result
  }
}

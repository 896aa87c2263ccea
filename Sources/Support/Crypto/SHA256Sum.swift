/// The 32 bytes of a SHA-256.
package struct SHA256Sum: Hashable, Sendable, CustomStringConvertible {
  package static let byteCount = 32

  // An index has tens of thousands of sums: no memory of its own for each.
  private let upper: UInt128
  private let lower: UInt128

  /// - Parameter bytes: 32.
  init(exactly bytes: [UInt8]) {
    (upper, lower) = bytes.withUnsafeBytes { bytes in
      (
        UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt128.self)),
        UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt128.self))
      )
    }
  }

  /// From 64 lower-case hexadecimal digits; nil for anything else.
  package init?(hex: String) {
    var hex = hex
    guard let sum = hex.withUTF8({ SHA256Sum(hex: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = sum
  }

  /// The same from the digits' bytes.
  package init?(hex: UnsafeRawBufferPointer) {
    guard hex.count == 2 * Self.byteCount, let upper = Hex.number(UnsafeRawBufferPointer(rebasing: hex[..<32])),
      let lower = Hex.number(UnsafeRawBufferPointer(rebasing: hex[32...]))
    else { return nil }
    (self.upper, self.lower) = (upper, lower)
  }

  package var bytes: [UInt8] {
    withUnsafeBytes(of: (upper.bigEndian, lower.bigEndian)) { Array($0) }
  }

  /// 64 lower-case hexadecimal digits.
  package var hex: String { Hex.encode(bytes) }

  /// Appends the digits of `hex`.
  package func write(to text: inout [UInt8]) {
    Hex.append(upper, to: &text)
    Hex.append(lower, to: &text)
  }

  package var description: String { hex }

  package static func of(_ bytes: some Collection<UInt8>) throws(CryptoError) -> SHA256Sum {
    var hash = try SHA256()
    let done: Void? = bytes.withContiguousStorageIfAvailable { hash.update(UnsafeRawBufferPointer($0)) }
    if done == nil { Array(bytes).withUnsafeBytes { hash.update($0) } }
    return try hash.finish()
  }
}

/// The 32 bytes of a SHA-256.
package struct SHA256Sum: Hashable, Sendable, CustomStringConvertible {
  package static let byteCount = 32

  package let bytes: [UInt8]

  init(exactly bytes: [UInt8]) { self.bytes = bytes }

  /// From 64 lower-case hexadecimal digits; nil for anything else.
  package init?(hex: String) {
    guard let bytes = Hex.decode(hex), bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// 64 lower-case hexadecimal digits.
  package var hex: String { Hex.encode(bytes) }

  package var description: String { hex }

  package static func of(_ bytes: some Collection<UInt8>) throws(CryptoError) -> SHA256Sum {
    var hash = try SHA256()
    let done: Void? = bytes.withContiguousStorageIfAvailable { hash.update(UnsafeRawBufferPointer($0)) }
    if done == nil { Array(bytes).withUnsafeBytes { hash.update($0) } }
    return try hash.finish()
  }
}

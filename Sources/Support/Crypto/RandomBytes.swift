import COpenSSL

/// Bytes that nobody can foretell, from OpenSSL's generator.
package enum RandomBytes {
  package static func generate(_ count: Int) throws(CryptoError) -> [UInt8] {
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    guard let length = Int32(exactly: count), RAND_bytes(&bytes, length) == 1 else {
      throw .unavailable("\(count) random bytes")
    }
    return bytes
  }
}

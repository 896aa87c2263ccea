import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer
  private var failed = false

  package init() throws(CryptoError) {
    guard let context = EVP_MD_CTX_new() else { throw .unavailable("a digest context") }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw .unavailable("SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// A failure is remembered and thrown by `finish`.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    if EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) != 1 { failed = true }
  }

  package consuming func finish() throws(CryptoError) -> SHA256Sum {
    var bytes = [UInt8](repeating: 0, count: SHA256Sum.byteCount)
    guard !failed, EVP_DigestFinal_ex(context, &bytes, nil) == 1 else { throw .unavailable("SHA-256") }
    return SHA256Sum(exactly: bytes)
  }
}

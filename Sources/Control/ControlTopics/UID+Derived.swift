package import Crypto
package import RestoreModel

extension UID {
  /// The uid of what the command at `offset` of this installation creates: the first 16 bytes of the SHA-256 of `<installation>/<offset>`,
  /// marked as version 8, variant 10 (RFC 9562, section 5.8). Decisions may not draw random numbers, and a replay must find the same.
  package init(installation: String, offset: Int64) throws(CryptoError) {
    var bytes = Array(try SHA256Sum.of(Array("\(installation)/\(offset)".utf8)).bytes.prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let parts = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hex.encode(bytes[$0]) }
    self.init(parts.joined(separator: "-"))
  }
}

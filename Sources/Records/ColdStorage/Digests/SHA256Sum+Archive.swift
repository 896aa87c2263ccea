import Crypto

extension SHA256Sum {
  static func archived(_ bytes: [UInt8]) throws(ArchiveError) -> SHA256Sum {
    do {
      return try of(bytes)
    } catch {
      throw .crypto(error)
    }
  }
}

/// A sum or a random number could not be made.
package enum CryptoError: Error, Hashable, CustomStringConvertible {
  /// OpenSSL could not do what it was asked: out of memory, or an algorithm that its configuration forbids.
  case unavailable(String)
  /// For the state of a hash, some 600 bytes.
  case outOfMemory

  package var description: String {
    switch self {
    case .unavailable(let what): "OpenSSL does not provide \(what)"
    case .outOfMemory: "there is no memory left for a hash"
    }
  }
}

/// OpenSSL could not do what it was asked: out of memory, or an algorithm that its configuration forbids.
package enum CryptoError: Error, Hashable, CustomStringConvertible {
  case unavailable(String)

  package var description: String {
    switch self {
    case .unavailable(let what): "OpenSSL does not provide \(what)"
    }
  }
}

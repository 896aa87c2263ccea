/// Why bytes are no answer to the request that they should answer.
package enum WireError: Error, Sendable, Hashable, CustomStringConvertible {
  case cutOff
  /// A length or count that leads out of the answer.
  case length(Int64)
  case text
  /// Bytes are left behind the last field.
  case rest(Int)
  /// An answer to another request.
  case correlation(Int32, expected: Int32)

  package var description: String {
    switch self {
    case .cutOff: "the answer is cut off"
    case .length(let length): "a length of \(length) leads out of the answer"
    case .text: "a text is missing or is no UTF-8"
    case .rest(let count): "\(count) bytes follow the answer"
    case .correlation(let found, let expected): "the answer to request \(found) came in place of \(expected)'s"
    }
  }
}

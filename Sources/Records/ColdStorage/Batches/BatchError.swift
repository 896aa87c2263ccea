/// Why bytes are no record batch that can be read.
package enum BatchError: Error, Hashable, CustomStringConvertible {
  case damaged(String)
  /// Intact as far as one can tell, in a codec that this program does not read.
  case unsupportedCodec(BatchCodec)
  /// Intact, but nothing that an archive may hold.
  case unsupported(String)
  /// A record, or what a batch inflates to, is larger than allowed.
  case tooLarge(bytes: Int, limit: Int)
  case outOfMemory

  package var description: String {
    switch self {
    case .damaged(let reason), .unsupported(let reason): reason
    case .unsupportedCodec(let codec): "the batch is compressed with \(codec), which cannot be read yet"
    case .tooLarge(let bytes, let limit): "\(bytes) bytes, where \(limit) are the most allowed"
    case .outOfMemory: "not enough memory"
    }
  }
}

/// Why bytes are no record batch that can be read.
package enum BatchError: Error, Hashable, CustomStringConvertible {
  case damaged(String)
  /// A codec that this program reads and does not write.
  case unsupportedCodec(BatchCodec)
  /// Intact, but nothing that an archive may hold.
  case unsupported(String)
  /// A record, or what a batch inflates to, is larger than allowed.
  case tooLarge(bytes: Int, limit: Int)
  case outOfMemory

  package var description: String {
    switch self {
    case .damaged(let reason), .unsupported(let reason): reason
    case .unsupportedCodec(let codec): "batches are written with zstd or uncompressed, not with \(codec)"
    case .tooLarge(let bytes, let limit): "\(bytes) bytes, where \(limit) are the most allowed"
    case .outOfMemory: "not enough memory"
    }
  }
}

package enum CompressionError: Error, Equatable, CustomStringConvertible {
  /// The output does not fit into the destination; try again with a larger one.
  case needsMoreSpace
  /// The input is no whole and intact frame.
  case damaged(String)
  case outOfMemory

  package var description: String {
    switch self {
    case .needsMoreSpace: "the output does not fit"
    case .damaged(let reason): reason
    case .outOfMemory: "no memory for a compression context"
    }
  }
}

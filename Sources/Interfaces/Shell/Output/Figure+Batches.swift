import RestoreModel

extension Figure {
  /// `1,204 unopened, 31 merged, 2 opened (bounds 2)`; `-` for none.
  static func batches(_ batches: BatchCounts) -> String {
    var parts: [String] = []
    if batches.unopened > 0 { parts.append("\(count(batches.unopened)) unopened") }
    if batches.merged > 0 { parts.append("\(count(batches.merged)) merged") }
    let opened = OpenedReason.allCases.compactMap { reason in
      batches.opened[reason].flatMap { $0 > 0 ? (reason, $0) : nil }
    }
    if !opened.isEmpty {
      let reasons = opened.map { "\($0.rawValue) \(count($1))" }.joined(separator: ", ")
      parts.append("\(count(opened.reduce(0) { $0 + $1.1 })) opened (\(reasons))")
    }
    return parts.isEmpty ? "-" : parts.joined(separator: ", ")
  }
}

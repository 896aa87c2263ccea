import ColdStorage

/// One record as the comparison of archive and target sees it.
struct Fingerprint {
  /// What makes two records the same one.
  struct Content: Hashable {
    let timestamps: Digest
    let rest: Digest
  }
  let content: Content
  /// In the archive, or in the target.
  let offset: Int64
  /// Nil for a null key.
  let key: Digest?
  let isTombstone: Bool
}

/// Gives the records of one partition one by one.
protocol FingerprintStream {
  mutating func next() throws -> Fingerprint?
}

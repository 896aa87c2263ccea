import ColdStorage

/// One record as the comparison of archive and target sees it.
struct Fingerprint {
  /// What makes two records the same one.
  struct Content: Hashable {
    let timestamps: Digest
    let rest: Digest
  }
  let content: Content
  /// Of a record of the archive that the two record paths send differently: as the other one does. A run may have been on both, so either will do.
  var alternative: Content?
  /// In the archive, or in the target.
  let offset: Int64
  /// Nil for a null key.
  let key: Digest?
  let isTombstone: Bool

  /// Whether this record of the archive is that one of the target.
  func arrived(as found: Fingerprint) -> Bool { content == found.content || alternative == found.content }
}

/// Gives the records of one partition one by one.
protocol FingerprintStream {
  mutating func next() throws -> Fingerprint?
}

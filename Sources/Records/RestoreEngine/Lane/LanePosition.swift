package import ColdStorage
package import RestoreModel

/// How far one partition is, as it is committed in the sink beside the records: offset = next source offset, metadata = one versioned line,
/// `1 <claim> <records> <timestamps> <rest> <first> <last>` (two digests of 32 hex digits; −1 for no target offset yet).
package struct LanePosition: Hashable, Sendable {
  /// The source offset to go on at.
  package var nextOffset: Int64
  /// Of the worker that wrote it last.
  package var claim: Claim
  /// Of everything the run has sent to the partition.
  package var sent: RecordsDigest
  /// Target offsets of the run's first and last record; −1 for none yet.
  package var firstTarget: Int64 = -1
  package var lastTarget: Int64 = -1

  package init(
    nextOffset: Int64, claim: Claim, sent: RecordsDigest = .empty, firstTarget: Int64 = -1, lastTarget: Int64 = -1
  ) {
    self.nextOffset = nextOffset
    self.claim = claim
    self.sent = sent
    self.firstTarget = firstTarget
    self.lastTarget = lastTarget
  }

  package var metadata: String {
    "1 \(claim.number) \(sent.records) \(sent.timestamps.hex) \(sent.rest.hex) \(firstTarget) \(lastTarget)"
  }

  /// Nil unless `metadata` is such a line.
  package init?(offset: Int64, metadata: some Sequence<UInt8>) {
    guard let text = String(validating: Array(metadata), as: UTF8.self) else { return nil }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 7, words[0] == "1", offset >= 0, let claim = Int64(words[1]), Claim.range.contains(claim),
      let records = Int64(words[2]), records >= 0, let timestamps = Digest(hex: String(words[3])),
      let rest = Digest(hex: String(words[4])), let first = Int64(words[5]), first >= -1, let last = Int64(words[6]),
      last >= first
    else { return nil }
    self.init(
      nextOffset: offset, claim: Claim(claim),
      sent: RecordsDigest(records: records, timestamps: timestamps, rest: rest), firstTarget: first, lastTarget: last)
  }

  /// Grows by what a transaction sent, whose records lie in the target from `first` to `last`.
  package mutating func advance(to next: Int64, sent more: RecordsDigest, first: Int64, last: Int64) {
    nextOffset = next
    sent.append(more)
    if first >= 0 { firstTarget = firstTarget < 0 ? first : min(firstTarget, first) }
    if last >= 0 { lastTarget = max(lastTarget, last) }
  }
}

/// The names under which a run shows in the sink cluster.
package struct RunNames: Hashable, Sendable {
  package let prefix: String
  package let uid: UID
  package let run: Int

  package init(prefix: String, uid: UID, run: Int) {
    self.prefix = prefix
    self.uid = uid
    self.run = run
  }

  /// The group without members that holds the run's positions.
  package var group: String { "\(prefix)\(uid).\(run)" }

  package func transactionalID(_ lane: LaneID) -> String { "\(group).\(lane)" }

  /// Uid and run of a group that is named like one of ours under any prefix: `<prefix><uuid>.<run>`. Nil for every other name; only the
  /// metadata of its positions tells that it is one.
  package static func parse(group: String) -> (uid: UID, run: Int)? {
    guard let dot = group.lastIndex(of: "."), let run = Int(group[group.index(after: dot)...]), run >= 1 else {
      return nil
    }
    let uid = group[..<dot].suffix(36)
    let hyphens: Set = [8, 13, 18, 23]
    let bytes = Array(uid.utf8)
    guard bytes.count == 36 else { return nil }
    for (index, byte) in bytes.enumerated() {
      let isHex = Character(Unicode.Scalar(byte)).isHexDigit
      guard hyphens.contains(index) ? byte == UInt8(ascii: "-") : isHex else { return nil }
    }
    return (UID(String(uid)), run)
  }
}

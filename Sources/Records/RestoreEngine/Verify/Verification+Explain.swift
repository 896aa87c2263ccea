import ColdStorage
import Kafka
import RestoreModel

extension Verification {
  /// Why a partition differs: archive and target are compared record by record before anybody is accused.
  func explain(
    _ finding: PartitionFinding, _ topic: SelectedTopic, _ configuration: KafkaConfiguration, _ admin: Admin
  ) throws -> PartitionFinding {
    let range = finding.expected
    let found = finding.found
    let policy = try admin.describeConfig(.topic(topic.target.text), timeout: TargetCluster.timeout)["cleanup.policy"]
    let isCompacted = TargetTopic.policies(policy?.value ?? "delete").contains("compact")
    // Digests are needed here even where only counts were asked for.
    var config = assignment.config
    config.verify = .digest
    let changes = RecordChanges(config, schemas: try config.schemas(assignment.policy))
    let partition = TopicPartition(topic.target.text, range.partition)
    func archived() throws -> ArchiveStream {
      try ArchiveStream(topic, range, changes, ignoresTimestamps: found.isLogAppendTime)
    }
    var expected = try archived()
    var target = try TargetStream(
      partition, from: max(range.position.firstTarget, found.expiredBefore ?? 0),
      to: min(range.position.lastTarget, (found.end ?? .max) - 1), configuration, assignment.control,
      ignoresTimestamps: found.isLogAppendTime)
    defer { target.close() }
    let difference = try RecordDifference(
      &expected, &target, expectsGaps: isCompacted || found.expiredBefore != nil,
      leadingIsExpired: found.expiredBefore != nil)
    var explanation = DifferenceExplanation(difference, isCompacted: isCompacted)
    if explanation.needsArchive {
      var again = try archived()
      while let record = try again.next() {
        try assignment.control.check()
        explanation.see(record)
      }
    }
    var finding = finding
    (finding.verdict, finding.message) = explanation.verdict(isExactlyOnce: assignment.isExactlyOnce)
    if let end = found.end {
      // Neither retention nor compaction takes the end.
      finding.verdict = .mismatch
      finding.message =
        "it ends at offset \(end), but \(range.position.sent.records) records were sent up to offset "
        + "\(range.position.lastTarget): the topic was deleted and made anew, or has lost its end; \(finding.message)"
    }
    return finding
  }
}

/// Which of the possible causes explain a difference wholly. A record of ours that is missing, doubled, moved or altered without one is a mismatch.
struct DifferenceExplanation {
  private let difference: RecordDifference
  private let isCompacted: Bool
  private let missing: Set<Fingerprint.Content>
  private let extra: Set<Fingerprint.Content>
  /// Of missing records' keys: the last offset of the archive with the key.
  private var lastOfKey: [Digest: Int64] = [:]
  private var seen: Set<Fingerprint.Content> = []

  init(_ difference: RecordDifference, isCompacted: Bool) {
    self.difference = difference
    self.isCompacted = isCompacted
    missing = Set(difference.missing.map(\.content)).union(difference.missing.compactMap(\.alternative))
    extra = Set(difference.extra.map(\.content))
    if isCompacted {
      for record in difference.missing { if let key = record.key { lastOfKey[key] = -1 } }
    }
  }

  /// Whether every record of the archive must be seen once more.
  var needsArchive: Bool { !extra.isEmpty || !lastOfKey.isEmpty }

  mutating func see(_ record: Fingerprint) {
    if extra.contains(record.content) { seen.insert(record.content) }
    if let alternative = record.alternative, extra.contains(alternative) { seen.insert(alternative) }
    if let key = record.key, let last = lastOfKey[key] { lastOfKey[key] = max(last, record.offset) }
  }

  func verdict(isExactlyOnce: Bool) -> (VerificationReceipt.Verdict, String) {
    let moved = missing.intersection(extra).count
    if moved > 0 { return (.mismatch, "\(count(moved)) there, but in another order; \(numbers)") }
    let doubled = difference.extra.count { seen.contains($0.content) }
    let unexplained = unexplainedMissing
    if unexplained.count > 0 {
      let first = unexplained.first.map { ", the first is source offset \($0.offset)" } ?? ""
      return (.mismatch, "\(count(unexplained.count)) missing or altered\(first); \(numbers)")
    }
    if doubled > 0 {
      let verdict = isExactlyOnce ? VerificationReceipt.Verdict.mismatch : .notFenced
      return (verdict, "\(count(doubled)) there more than once; \(numbers)")
    }
    if difference.missingCount > 0 {
      return (.targetCompacted, "\(difference.missingCount) records were compacted away since; \(numbers)")
    }
    if difference.leadingMissing > 0 {
      return (.recordsExpired, "\(difference.leadingMissing) records were deleted by retention since; \(numbers)")
    }
    if difference.extraCount > 0 {
      return (.foreignRecords, "\(difference.extraCount) records of others stand among them; \(numbers)")
    }
    return (
      .mismatch, "archive and target are equal record by record, but not what the positions say was sent; \(numbers)"
    )
  }

  private func count(_ records: some BinaryInteger) -> String {
    records == 1 ? "one record is" : "\(records) records are"
  }

  private var numbers: String {
    "\(difference.equal) of \(difference.expected) are as they were sent"
  }

  /// Missing records that compaction doesn't explain: it keeps the last record of each key, for a time even if that is a tombstone.
  private var unexplainedMissing: (count: Int64, first: Fingerprint?) {
    guard isCompacted else { return (difference.missingCount, difference.missing.first) }
    let newer = Set(difference.extra.compactMap(\.key))
    let unexplained = difference.missing.filter { record in
      guard let key = record.key else { return true }
      return !record.isTombstone && !newer.contains(key) && (lastOfKey[key] ?? -1) <= record.offset
    }
    return (Int64(unexplained.count), unexplained.first)
  }
}

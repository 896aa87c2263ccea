import ColdStorage
import RestoreModel

/// One partition: what its position says, what was found, and how a difference is explained.
struct PartitionFinding {
  let topic: TopicName
  let expected: ExpectedRange
  let found: FoundRange
  let comparesDigests: Bool
  /// Nil as long as nothing differs.
  var verdict: VerificationReceipt.Verdict?
  var message = ""

  init(topic: TopicName, expected: ExpectedRange, found: FoundRange, comparesDigests: Bool) {
    self.topic = topic
    self.expected = expected
    self.found = found
    self.comparesDigests = comparesDigests
  }

  var matches: Bool {
    let sent = expected.position.sent
    guard found.digest.records == sent.records else { return false }
    guard comparesDigests else { return true }
    return found.digest.rest == sent.rest && (found.isLogAppendTime || found.digest.timestamps == sent.timestamps)
  }

  func entry(_ digests: Bool) -> VerificationReceipt.Partition {
    func side(_ digest: RecordsDigest) -> VerificationReceipt.Side {
      VerificationReceipt.Side(
        records: digest.records, timestamps: digests ? digest.timestamps.hex : "",
        rest: digests ? digest.rest.hex : "")
    }
    return VerificationReceipt.Partition(
      topic: topic, partition: expected.partition, expected: side(expected.position.sent), found: side(found.digest),
      firstOffset: expected.position.firstTarget, lastOffset: expected.position.lastTarget)
  }
}

extension VerificationReceipt.Verdict {
  /// Of several partitions' verdicts the heaviest is the run's.
  var weight: Int {
    switch self {
    case .digestsMatch, .countsMatch: 0
    case .foreignRecords: 1
    case .targetCompacted: 2
    case .recordsExpired: 3
    case .notFenced: 4
    case .mismatch: 5
    }
  }
}

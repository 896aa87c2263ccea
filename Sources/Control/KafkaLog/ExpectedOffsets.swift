import ControlTopics

/// Where the next transaction's records will come to lie, if nobody but this term writes: known only once they are acknowledged, but guessed right
/// nearly always. Nothing rests on a guess; it only lets the position go out beside the records.
struct ExpectedOffsets {
  private var next: [ControlTopic: Int64] = [:]

  /// The last offset of each topic that the records go to. Nil when one of them isn't known yet.
  func offsets(of records: [OutgoingControlRecord]) -> [ControlTopic: Int64]? {
    var last: [ControlTopic: Int64] = [:]
    for record in records {
      guard let start = next[record.topic] else { return nil }
      last[record.topic] = (last[record.topic] ?? start - 1) + 1
    }
    return last
  }

  /// The marker of the transaction comes behind its records.
  mutating func committed(_ written: [ControlTopic: Int64]) {
    for (topic, offset) in written { next[topic] = offset + 2 }
  }
}

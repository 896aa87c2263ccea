import RestoreModel

/// What `specs` and `status` hold, each record with the event that it follows: what an audit compares with.
package struct RecordedHead: Sendable {
  /// The latest record of a key in one of the two topics.
  struct Place: Hashable, Sendable {
    var topic: ControlTopic
    var key: RecordKey
    var offset: Int64
    /// Of the event that it follows.
    var sequence: Int64
    var time: Instant
  }

  private struct Slot: Hashable {
    var topic: ControlTopic
    var key: RecordKey
  }

  private(set) var decoder = StateDecoder()
  private var latest: [Slot: Place] = [:]

  package init() {}

  var state: ControlState { decoder.state }
  /// In the order of the events that they follow.
  var places: [Place] { latest.values.sorted { ($0.sequence, $0.offset) < ($1.sequence, $1.offset) } }

  /// Of any record of `status`.
  var latestTime: Instant { latest.values.map(\.time).max() ?? Instant(milliseconds: 0) }

  func holds(_ key: RecordKey, in topic: ControlTopic) -> Bool { latest[Slot(topic: topic, key: key)] != nil }

  /// Throws `CorruptLog` for what no owner of this version can have written.
  package mutating func apply(_ record: ControlRecord) throws(CorruptLog) {
    try decoder.apply(record)
    guard let key = RecordKey(bytes: record.key) else { return }
    latest[Slot(topic: record.topic, key: key)] = Place(
      topic: record.topic, key: key, offset: record.offset, sequence: try record.ownerHeader(OwnerHeader.sequence),
      time: record.header("ce_time").flatMap { Instant(rfc3339: $0) } ?? Instant(milliseconds: 0))
  }
}

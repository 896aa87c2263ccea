/// How far a run is: absolute figures, of hints only. The truth is the positions in the sink.
package struct Progress: Hashable, Sendable {
  /// By target topic, in the order of the document.
  package var topics: [TopicProgress]
  /// Over the last few seconds.
  package var recordsPerSecond: Int64 = 0
  package var bytesPerSecond: Int64 = 0

  package init(topics: [TopicProgress]) { self.topics = topics }

  package var total: Figures { topics.reduce(into: Figures()) { $0.add($1.figures) } }

  /// Of the records planned, those that were restored or filtered out; 0…100, 100 only when all were.
  package var percent: Int {
    let total = total
    guard total.recordsTotal > 0 else { return topics.allSatisfy { $0.state == .restored } ? 100 : 0 }
    let done = total.recordsRestored + total.recordsFiltered
    return done >= total.recordsTotal ? 100 : min(99, Int(Double(done) / Double(total.recordsTotal) * 100))
  }

  /// Seconds left at the present rate; nil while there is none.
  package var secondsLeft: Int64? {
    let total = total
    guard recordsPerSecond > 0 else { return nil }
    return max(0, total.recordsTotal - total.recordsRestored - total.recordsFiltered) / recordsPerSecond
  }
}

package struct TopicProgress: Hashable, Sendable {
  package enum State: String, CaseIterable, Sendable { case waiting, restoring, restored }
  package var target: TopicName
  package var lane: LaneID?
  package var state: State
  package var figures: Figures

  package init(target: TopicName, lane: LaneID? = nil, state: State = .waiting, figures: Figures = Figures()) {
    self.target = target
    self.lane = lane
    self.state = state
    self.figures = figures
  }
}

package struct Figures: Hashable, Sendable {
  /// Records that the run has to look at: those inside the offset bounds.
  package var recordsTotal: Int64 = 0
  package var recordsRead: Int64 = 0
  /// Committed in the target.
  package var recordsRestored: Int64 = 0
  /// Left out by the time bounds or by a schema rule.
  package var recordsFiltered: Int64 = 0
  /// Key, value and headers, uncompressed. Of unopened batches, what was read and restored is the average of their segment until the topic is
  /// restored; what was restored even then, where records were filtered out.
  package var bytesTotal: Int64 = 0
  package var bytesRead: Int64 = 0
  package var bytesRestored: Int64 = 0
  /// Sent with timestamp 1 in place of 0.
  package var zeroTimestamps: Int64 = 0
  package var schemas = SchemaCounts()
  package var batches = BatchCounts()

  package init() {}

  package mutating func add(_ other: Figures) {
    recordsTotal += other.recordsTotal
    recordsRead += other.recordsRead
    recordsRestored += other.recordsRestored
    recordsFiltered += other.recordsFiltered
    bytesTotal += other.bytesTotal
    bytesRead += other.bytesRead
    bytesRestored += other.bytesRestored
    zeroTimestamps += other.zeroTimestamps
    schemas.add(other.schemas)
    batches.add(other.batches)
  }
}

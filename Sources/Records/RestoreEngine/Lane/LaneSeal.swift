import Kafka
import RestoreModel

/// The seal of a lane whose positions exist: take-over and claim, and nothing else. It needs no archive: that may be out of reach, or have grown, while a run
/// is paused or deleted.
///
/// Positions of a lane that rests are kept in the same way, since nothing else may write them: a commit that the lane's own id doesn't fence could put
/// back what its next owner has moved on.
struct LaneSeal {
  private let assignment: Assignment
  private let lane: PlannedLane
  /// It is done again and again, and is in nobody's way: it doesn't wait long, and fences nobody whose claim is newer.
  private let keeps: Bool

  init(_ assignment: Assignment, _ lane: PlannedLane, keeps: Bool = false) {
    self.assignment = assignment
    self.lane = lane
    self.keeps = keeps
  }

  func run() throws(WorkInterruption) {
    try assignment.control.check()
    let sink: any RecordSink
    do { sink = try assignment.sinks.open(assignment, lane, largestRecord: 0, slots: 1) } catch {
      throw WorkInterruption(error, doing: "opening lane \(lane.id)")
    }
    defer { sink.close() }
    do { try seal(sink) } catch {
      throw WorkInterruption(
        error, doing: "\(keeps ? "keeping the positions of" : "sealing") lane \(lane.id)",
        needing: .commit(
          group: assignment.names.group, lane.topics.map(\.text),
          transactionalID: assignment.names.transactionalID(lane.id)))
    }
  }

  private func seal(_ sink: any RecordSink) throws {
    let group = assignment.names.group
    let timeout = keeps ? Duration.seconds(10) : LaneSession.timeout
    let partitions = try sink.partitions(of: lane.topics.map(\.text), timeout: timeout)
    if keeps || assignment.isCautious { try yieldToNewer(sink, partitions) }
    try assignment.control.check()
    try sink.takeOver(timeout: timeout)
    try assignment.steps.reached(.tookOver)
    var positions: [TopicPartition: CommittedPosition] = [:]
    for (partition, committed) in try sink.positions(of: partitions, group: group, timeout: timeout) {
      // What isn't ours in our group is not for a seal to judge, nor to overwrite.
      guard var position = LanePosition(offset: committed.offset, metadata: committed.metadata) else { continue }
      if position.claim > assignment.claim { throw WorkInterruption.superseded }
      // Begun at the start after a loss, by somebody who slept through both: under our claim they would pass for true.
      if let recorded = assignment.control.positionedClaim, position.claim < recorded { continue }
      position.claim = assignment.claim
      positions[partition] = CommittedPosition(offset: position.nextOffset, metadata: position.metadata)
    }
    try assignment.steps.reached(.fetchedPositions)
    guard !positions.isEmpty else {
      throw RunFault(
        reason: RunFault.positionsMissing,
        message:
          "the sink no longer has any position of group \(group) for \(lane.topics.map(\.text).joined(separator: ", ")), "
          + "so nobody knows what was restored")
    }
    try assignment.control.check()
    try sink.begin()
    try sink.send(positions: positions, group: group, timeout: timeout)
    try assignment.steps.reached(.sentClaim)
    try sink.commit(timeout: timeout)
    try assignment.steps.reached(.committedClaim)
  }

  /// Only saves a fence that would be lost again; it is the take-over that keeps apart.
  private func yieldToNewer(_ sink: any RecordSink, _ partitions: [TopicPartition]) throws(WorkInterruption) {
    let found = try? sink.positions(of: partitions, group: assignment.names.group, timeout: .seconds(2))
    let claims = found?.compactMap { LanePosition(offset: $1.offset, metadata: $1.metadata)?.claim }
    if let newest = claims?.max(), newest > assignment.claim { throw .superseded }
  }
}

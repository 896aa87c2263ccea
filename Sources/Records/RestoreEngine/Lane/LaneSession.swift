import ColdStorage
import Kafka
import Logging
import RestoreModel

/// A lane from one take-over to the loss of its handle. After an error nothing of it is used again: the next session begins with a new
/// handle and asks the sink how far things are.
final class LaneSession {
  let assignment: Assignment
  let sink: any RecordSink
  let readAhead: ReadAhead
  var state: LaneState
  /// The batch that is being sent, and those whose records are not all acknowledged.
  var current: LoadedBatch?
  var unacknowledged: [LoadedBatch] = []
  /// A transaction was committed.
  var hasProgressed = false
  /// Positions of idle partitions were committed last.
  var refreshed = ContinuousClock.now
  var reported = ContinuousClock.now
  /// The throttle's rate when what is read ahead was begun; nil: none.
  var rateOfReading: Int64?

  static let timeout = Duration.seconds(30)
  private static let slots = 1024

  init(_ assignment: Assignment, _ lane: PlannedLane) throws(WorkInterruption) {
    self.assignment = assignment
    rateOfReading = assignment.throttle.bytesPerSecond
    do {
      try assignment.control.check()
      let archive = try RestoreSource.open(assignment.item.source, policy: assignment.policy)
      let selection = try RestoreSelection(
        archive, assignment.config, planned: assignment.item.sources, opened: assignment.known.archives)
      try selection.check(digest: assignment.item.archiveDigest)
      state = try LaneState(lane, selection, claim: assignment.claim)
      let largest = state.topics.map { $0.selected.largestRecord(assignment.config) }.max() ?? 0
      sink = try assignment.sinks.open(assignment, lane, largestRecord: largest, slots: Self.slots)
    } catch {
      throw WorkInterruption(error, doing: "opening lane \(lane.id)")
    }
    do {
      readAhead = try ReadAhead(
        sink.form, slots: Self.slots, memory: assignment.policy.memory, pool: assignment.policy.pool,
        window: LaneSession.window, name: "\(assignment.item.id.key.name)-\(lane.id)")
    } catch {
      sink.close()
      throw error
    }
  }

  var lane: LaneID { state.lane.id }
  var group: String { assignment.names.group }
  var transactionalID: String { assignment.names.transactionalID(lane) }

  /// Commits positions only, under the claim, and ends.
  func seal() throws(WorkInterruption) {
    try withSink { () throws(WorkInterruption) in try takeOver(sealing: true) }
  }

  func restore() throws(WorkInterruption) {
    try withSink { () throws(WorkInterruption) in
      try takeOver(sealing: false)
      do { try state.countFigures() } catch { throw WorkInterruption(error, doing: "counting what is restored") }
      try restoreTopics()
    }
  }

  /// Ends handle and thread, however `body` ends. An interruption is no reason to leave a transaction open: it would hold the target's
  /// readers back until the next take-over.
  private func withSink(_ body: () throws(WorkInterruption) -> Void) throws(WorkInterruption) {
    defer {
      sink.close()
      readAhead.close()
    }
    do {
      try body()
    } catch {
      switch error {
      case .abandoned, .superseded: break
      case .stopped, .fatal: abort()
      case .transient, .codecRefused: if abort()?.isFenced == true { throw .superseded }
      }
      // The abort has waited for all answers.
      try learnCodecs(error)
      throw error
    }
  }

  /// Returns why it can't. Of a fence that was lost, records that were on their way may know only that they were given up; the abort, which asks the
  /// broker, knows it for sure.
  @discardableResult
  private func abort() -> KafkaError? {
    guard isInTransaction else { return nil }
    do {
      try sink.abort(timeout: .seconds(5))
      return nil
    } catch {
      assignment.logger.debug("the open transaction was left to the broker", ["error": error.message])
      return error
    }
  }

  private(set) var isInTransaction = false

  func begin() throws(WorkInterruption) {
    do { try sink.begin() } catch { throw WorkInterruption(error, doing: "beginning a transaction") }
    isInTransaction = true
  }

  /// Sends the positions and commits them with everything sent since `begin`.
  func commit(_ positions: [TopicPartition: CommittedPosition], _ step: StepPoints.Step) throws(WorkInterruption) {
    do {
      try sink.send(positions: positions, group: group, timeout: Self.timeout)
      try assignment.steps.reached(step)
      try sink.commit(timeout: Self.timeout)
    } catch {
      throw WorkInterruption(
        error, doing: "committing positions of group \(group)",
        needing: .commit(group: group, positions.keys.map(\.topic), transactionalID: transactionalID))
    }
    isInTransaction = false
  }
}

extension RestoreSelection {
  /// A run is pinned to the archive it was planned on.
  func check(digest planned: String?) throws(RunFault) {
    guard let planned, planned != digest else { return }
    throw RunFault(
      reason: "ArchiveChanged",
      message:
        "the archive is not the one that the run was planned on (its index has SHA-256 \(digest), not \(planned)); "
        + "Restart begins a new run with it")
  }
}

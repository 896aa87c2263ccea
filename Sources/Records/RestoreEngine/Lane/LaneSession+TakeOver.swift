import Kafka
import RestoreModel

// The order of these steps is what keeps every record from being sent twice or not at all; it was checked as a model, with crashes, lost answers and
// stalled processes between any two of them.
extension LaneSession {
  /// Fences whoever worked on the lane before, learns how far it is, and commits that under the own claim before any record is sent.
  func takeOver(sealing: Bool) throws(WorkInterruption) {
    if assignment.isCautious { try yieldToNewer() }
    do { try sink.takeOver(timeout: Self.timeout) } catch {
      throw WorkInterruption(error, doing: "taking over \(transactionalID)", needing: .takeOver(transactionalID))
    }
    try assignment.steps.reached(.tookOver)
    let found = try fetchPositions(timeout: Self.timeout)
    try assignment.steps.reached(.fetchedPositions)
    guard !state.partitions.isEmpty else { return try announce(sealing) }
    if found.isEmpty {
      try startAfresh()
      try announce(sealing)
    } else {
      try adopt(found)
      if !assignment.control.positioned { try announce(sealing) }
      try commitClaim()
    }
  }

  /// Before the fence: whoever lost it once looks first, or two owners would fence each other for ever.
  private func yieldToNewer() throws(WorkInterruption) {
    let found = try? fetchPositions(timeout: .seconds(2))
    if let newest = found?.values.map(\.claim).max(), newest > assignment.claim { throw .superseded }
  }

  private func fetchPositions(timeout: Duration) throws(WorkInterruption) -> [TopicPartition: LanePosition] {
    let committed: [TopicPartition: CommittedPosition]
    do {
      committed = try sink.positions(of: state.targets, group: group, timeout: timeout)
    } catch {
      throw WorkInterruption(
        error, doing: "fetching the positions of group \(group)",
        needing: .positions(group: group, state.targets.map(\.topic)))
    }
    var found: [TopicPartition: LanePosition] = [:]
    for (partition, position) in committed {
      guard let read = LanePosition(offset: position.offset, metadata: position.metadata) else {
        throw .fatal(
          RunFault(
            reason: "PositionsUnreadable",
            message:
              "the position of \(partition) in group \(group) is none of ours: something else commits to this group"))
      }
      found[partition] = read
    }
    return found
  }

  /// Nothing was committed yet: a transaction of start positions only.
  private func startAfresh() throws(WorkInterruption) {
    guard !assignment.control.positioned else { throw missing(state.targets) }
    try begin()
    try commit(state.positions(claim: assignment.claim), .sentStartPositions)
    try assignment.steps.reached(.committedStartPositions)
  }

  /// Tells that the start positions exist, and sends nothing until the control topics know it: from then on, missing positions are a
  /// failure and never a reason to begin at the start. A seal sends nothing anyway.
  private func announce(_ sealing: Bool) throws(WorkInterruption) {
    if assignment.control.positioned { return }
    assignment.report(.positioned(lane))
    if !sealing { try assignment.control.waitUntilPositioned() }
  }

  private func adopt(_ found: [TopicPartition: LanePosition]) throws(WorkInterruption) {
    if let newest = found.values.map(\.claim).max(), newest > assignment.claim { throw .superseded }
    // They are written together, so that some without the others were lost.
    let lost = state.targets.filter { found[$0] == nil }
    guard lost.isEmpty else { throw missing(lost) }
    // Somebody who slept through their loss, and through the news that they existed, has begun at the start since.
    if let recorded = assignment.control.positionedClaim {
      let stale = state.targets.filter { found[$0].map { $0.claim < recorded } ?? false }
      guard stale.isEmpty else { throw missing(stale) }
    }
    for index in state.partitions.indices {
      guard let position = found[state.partitions[index].target] else { continue }
      state.partitions[index].position = position
      state.partitions[index].hasEnded = state.partitions[index].isFinished
    }
    try checkReach(of: state.partitions.indices)
  }

  private func commitClaim() throws(WorkInterruption) {
    try begin()
    try commit(state.positions(claim: assignment.claim), .sentClaim)
    try assignment.steps.reached(.committedClaim)
    refreshed = .now
  }

  private func missing(_ partitions: [TopicPartition]) -> WorkInterruption {
    // Brokers forget a topic's positions with the topic.
    let topics = Set(partitions.map(\.topic)).sorted()
    if let known = try? sink.partitions(of: topics, timeout: Self.timeout) {
      let gone = topics.filter { topic in !known.contains { $0.topic == topic } }
      if !gone.isEmpty { return .fatal(Self.deleted(gone)) }
    }
    let shown = partitions.prefix(5).map(\.description).joined(separator: ", ")
    let more = partitions.count > 5 ? " and \(partitions.count - 5) more" : ""
    return .fatal(
      RunFault(
        reason: RunFault.positionsMissing,
        message: "the sink no longer has the positions of \(shown)\(more) in group \(group) (brokers delete them with "
          + "their topic, or offsets.retention.minutes after the last commit), so nobody "
          + "knows what was restored; Restart begins anew, into an empty target"
      ))
  }

  private static func deleted(_ topics: [String]) -> RunFault {
    RunFault(
      reason: "UnknownTopic",
      message:
        "\(topics.joined(separator: ", ")): the target topic does not exist any more, nor do the run's positions in it; "
        + "Restart begins anew, into an empty target")
  }

  /// Positions of idle partitions would expire, which brokers do per partition.
  func refreshPositions() throws(WorkInterruption) {
    guard ContinuousClock.now - refreshed >= assignment.policy.positionsRefresh else { return }
    try commitClaim()
  }
}

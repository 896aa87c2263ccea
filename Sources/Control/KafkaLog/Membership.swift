import ControlPlane
import ControlTopics
import Kafka
import Logging
import Threads

/// Our place in the owner's group, kept by a thread of its own: what it says about the partition only decides who should try. Safety
/// rests on the transactional id's epoch alone.
final class Membership: Sendable {
  /// The partition is ours. Number and identity change with every rebalance that tells so.
  struct Assignment: Sendable {
    /// Counts the times that the partition came to us (back).
    var number: Int
    /// Captured at the latest rebalance; a transaction proves our generation with it.
    var metadata: ConsumerGroupMetadata
  }

  private struct State {
    var assignment: Assignment?
    var assignments = 0
    var failure: ControlLogFailure?
    var stopping: Stop?
    var hasEnded = false
  }

  private enum Stop { case leaving, abandoning }

  let changed = Doorbell()
  private let ended = Doorbell()
  private let group: GroupConsumer
  private let partition: TopicPartition
  private let throwaway: TopicPartition
  private let logger: Logger
  private let state = Locked(State())

  init(_ settings: KafkaLogSettings, instance: String, logger: Logger) throws {
    let session = settings.sessionTimeout.wholeMilliseconds
    group = try GroupConsumer(
      settings.kafka(adding: [
        "session.timeout.ms": "\(session)", "heartbeat.interval.ms": "\(max(200, min(3000, session / 4)))",
        // The question to the group is synchronous: a broker that is silent must not hold up a stop for a minute.
        "socket.timeout.ms": "\(max(1000, settings.requestTimeout.wholeMilliseconds))",
      ]), group: settings.naming.owner, instanceID: instance, membershipOnly: true)
    partition = settings.partition(.commands)
    throwaway = settings.partition(.specs)
    self.logger = logger
    try group.subscribe(to: [settings.name(.commands)])
    try NamedThread.start("thaw-group") { [self] in serve() }
  }

  /// Nil: the partition isn't ours now. Throws when it never will be.
  func assignment() throws(ControlLogFailure) -> Assignment? {
    try state.withLock { state throws(ControlLogFailure) in
      if let failure = state.failure { throw failure }
      return state.assignment
    }
  }

  func holds(_ number: Int) -> Bool {
    state.withLock { $0.failure == nil && $0.assignment?.number == number } && !group.isAssignmentLost
  }

  /// The broker refused this identity: the assignment counts for nothing until the group tells of another.
  func void(_ refused: ConsumerGroupMetadata) {
    state.withLock { if $0.assignment?.metadata === refused { $0.assignment = nil } }
  }

  /// Waits until the group has told of a generation after the refused one. False when the partition went away instead, or nothing came.
  func isRenewed(after refused: ConsumerGroupMetadata, as number: Int, within timeout: Duration) async -> Bool {
    let end = ContinuousClock.now + timeout
    while holds(number), ContinuousClock.now < end {
      if state.withLock({ $0.assignment?.metadata !== refused }) { return true }
      await changed.waitUncancelled()
    }
    return false
  }

  /// Asks the group whether it still knows us, by a synchronous commit of a partition that means nothing. Two owners who don't ask fence
  /// one another for ever.
  func confirm() async throws {
    let throwaway = throwaway
    try await group.onThread { try $0.commit([throwaway: Kafka.CommittedPosition(offset: 0)]) }
  }

  /// Gives the partition back and leaves the group.
  func leave() async { await end(.leaving) }

  /// Ends as a killed process would: the group hears nothing.
  func abandon() async { await end(.abandoning) }

  private func end(_ stop: Stop) async {
    state.withLock { $0.stopping = $0.stopping ?? stop }
    while !state.withLock({ $0.hasEnded }) { await ended.waitUncancelled() }
  }

  // MARK: the thread

  private func serve() {
    while state.withLock({ $0.stopping }) == nil {
      do {
        for event in try group.poll(timeout: .milliseconds(100)) { note(event) }
      } catch { logger.warning("the group can't be polled", ["reason": "\(error)"]) }
    }
    finish(state.withLock { $0.stopping })
    state.withLock {
      $0.assignment = nil
      $0.hasEnded = true
    }
    ended.ring()
    changed.ring()
  }

  private func finish(_ stop: Stop?) {
    guard stop != .abandoning else { return group.abandon() }
    do { for event in try group.leave(timeout: .seconds(5)) { note(event) } } catch {
      logger.warning("the group could not be left in order", ["reason": "\(error)"])
    }
    group.close()
  }

  private func note(_ event: GroupEvent) {
    switch event {
    case .assigned: noteAssignment()
    case .revoked(let partitions):
      guard partitions.contains(partition) else { return }
      giveUp(
        because: state.withLock { $0.stopping } == nil ? "the partition goes to another" : "gave the partition back")
    case .lost(let partitions):
      guard partitions.contains(partition) else { return }
      giveUp(because: "the group has let go of us: the session ended, or another has our place")
    case .consumed(.failed(_, let error)): noteFailure(error)
    case .consumed: return
    }
    changed.ring()
  }

  private func giveUp(because reason: String) {
    state.withLock { $0.assignment = nil }
    logger.info("\(reason)", ["partition": partition])
  }

  private func noteAssignment() {
    do {
      let isOurs = try group.assignment().contains(partition)
      let metadata = try group.metadata()
      state.withLock { state in
        guard isOurs else { return state.assignment = nil }
        // The same assignment in a new generation goes on; one that was lost or refused begins anew.
        if state.assignment == nil { state.assignments += 1 }
        state.assignment = Assignment(number: state.assignments, metadata: metadata)
      }
    } catch {
      state.withLock { $0.assignment = nil }
      logger.warning("a rebalance can't be read", ["reason": "\(error)"])
    }
  }

  private func noteFailure(_ error: KafkaError) {
    guard error.isFatal || error.code == .fencedInstanceID else {
      return logger.debug("the group reports an error", ["reason": error])
    }
    let failure = ControlLogFailure(
      "another process has taken this replica's name in the group \(group.group) (\(error)); give each replica its own --instance"
    )
    state.withLock { $0.failure = failure }
  }
}

extension Doorbell {
  /// For the end of things, which a cancelled task waits for too.
  func waitUncancelled() async {
    await Task { await self.wait(atMost: .milliseconds(200)) }.value
  }
}

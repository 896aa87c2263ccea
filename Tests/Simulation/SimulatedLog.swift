import ControlPlane

/// The port over the simulated broker, in the order of calls that the real one makes.
final class SimulatedLog: ControlLog, @unchecked Sendable {
  /// Somebody else owns the partition, or may.
  private struct NotNow: Error {}

  let process: SimulatedProcess
  let broker: SimulatedBroker
  let membership: SimulatedMembership
  let bell: SimulatedBell
  /// One commit in so many loses its answer, having happened or not.
  var losesAnswers: Int64?

  init(_ process: SimulatedProcess, _ broker: SimulatedBroker) {
    self.process = process
    self.broker = broker
    let bell = SimulatedBell(process.machine)
    self.bell = bell
    membership = SimulatedMembership(process, broker, bell)
    broker.changed[process.name] = { bell.ring() }
  }

  func takeOver() async throws -> any OwnerTerm {
    try await process.effect()
    membership.join()
    while true {
      try Task.checkCancellation()
      try await process.awake()
      guard let assignment = membership.assignment else {
        await bell.wait(1000)
        continue
      }
      do { return try await begin(assignment.number) } catch is NotNow {
        await process.machine.pause(process.machine.draw(20...100))
      }
    }
  }

  private func begin(_ number: Int) async throws -> SimulatedTerm {
    try await ask(number)
    let early = broker.dropped == .fenceThenFetch ? try await committedPosition(number) : nil
    if broker.dropped == .fenceThenFetch { try await process.effect() }
    var epoch = broker.initTransactions()
    while epoch == nil {
      await process.machine.pause(process.machine.draw(1...10))
      try await ask(number)
      epoch = broker.initTransactions()
    }
    guard let epoch else { throw NotNow() }
    try await process.effect()
    let found = broker.dropped == .fenceThenFetch ? early : try await committedPosition(number)
    return SimulatedTerm(self, number, epoch: epoch, committed: found)
  }

  /// Asks the group whether the partition is still ours: two owners who don't ask fence one another for ever.
  private func ask(_ number: Int) async throws {
    try await process.effect()
    guard membership.confirm(), membership.holds(number) else { throw NotNow() }
    try await process.effect()
  }

  private func committedPosition(_ number: Int) async throws -> CommandsPosition? {
    while broker.isPositionInDoubt, broker.dropped != .stablePosition {
      guard membership.holds(number) else { throw NotNow() }
      await process.machine.pause(2)
    }
    try await process.effect()
    return broker.committed
  }

  func leave() async {
    guard !process.isDead else { return }
    membership.leave()
  }
}

import ControlPlane
import ControlTopics
import RestoreModel
import Threads

/// One process of the simulation: it dies at an effect of its choice, and then does nothing any more.
final class SimulatedProcess: @unchecked Sendable {
  struct Crashed: Error {}

  let name: String
  let simulation: Simulation
  private(set) var isDead = false
  /// Effects so far, and the one that the process doesn't survive.
  private(set) var effects = 0
  var diesAt: Int?
  var whenDead: () -> Void = {}

  init(_ name: String, _ simulation: Simulation) {
    self.name = name
    self.simulation = simulation
  }

  /// Before and after every effect: time may pass, others may run, and this may be the end.
  func effect() async throws {
    try alive()
    effects += 1
    if effects == diesAt { die() }
    try alive()
    await simulation.pause(simulation.draw(0...3))
    try alive()
  }

  func alive() throws { if isDead { throw Crashed() } }

  func die() {
    guard !isDead else { return }
    isDead = true
    whenDead()
  }
}

/// The port over the simulated broker, in the order of calls that the real one makes.
final class SimulatedLog: ControlLog, @unchecked Sendable {
  let process: SimulatedProcess
  let broker: SimulatedBroker
  /// One commit in so many loses its answer, having happened or not.
  var losesAnswers: Int64?
  private let bell: SimulatedBell

  init(_ process: SimulatedProcess, _ broker: SimulatedBroker) {
    self.process = process
    self.broker = broker
    bell = SimulatedBell(process.simulation)
    let bell = bell
    broker.changed[process.name] = { bell.ring() }
  }

  func takeOver() async throws -> any OwnerTerm {
    try await process.effect()
    broker.join(process.name)
    while true {
      try Task.checkCancellation()
      try process.alive()
      guard broker.assignee == process.name else {
        await bell.wait(1000)
        continue
      }
      try await process.effect()
      let epoch = broker.initTransactions()
      try await process.effect()
      return SimulatedTerm(self, epoch: epoch, committed: broker.committed, bell: bell)
    }
  }

  func leave() async {
    guard !process.isDead else { return }
    broker.remove(process.name)
  }
}

final class SimulatedTerm: OwnerTerm, @unchecked Sendable {
  let committed: CommandsPosition?
  let maxMessageBytes = 100_000
  private let log: SimulatedLog
  private let epoch: Int
  private let bell: SimulatedBell
  private var position: Int64 = 0
  private var hasEnded = false
  private var broker: SimulatedBroker { log.broker }

  init(_ log: SimulatedLog, epoch: Int, committed: CommandsPosition?, bell: SimulatedBell) {
    self.log = log
    self.epoch = epoch
    self.committed = committed
    self.bell = bell
  }

  private func hold() throws {
    try log.process.alive()
    if hasEnded || broker.assignee != log.process.name { throw TermEnded("not the assignee") }
  }

  func extent(of topic: ControlTopic) async throws -> TopicExtent {
    try hold()
    return TopicExtent(first: 0, end: broker.end(of: topic))
  }

  func replay(
    _ topic: ControlTopic, from offset: Int64?, _ body: @escaping @Sendable (ControlRecord) throws -> Void
  ) async throws -> Int64 {
    try await log.process.effect()
    let end = broker.end(of: topic)
    while broker.lastStableOffset(of: topic) < end {
      try hold()
      await bell.wait(100)
    }
    try hold()
    for record in broker.committedRecords(of: topic, from: offset ?? 0) where record.offset < end { try body(record) }
    return end
  }

  func startCommands(at offset: Int64) async throws { position = offset }

  func nextCommands(max: Int) async throws -> [ControlRecord] {
    try hold()
    if broker.committedRecords(of: .commands, from: position).isEmpty { await bell.wait(1000) }
    try hold()
    let records = Array(broker.committedRecords(of: .commands, from: position).prefix(max))
    if let last = records.last { position = last.offset + 1 }
    return records
  }

  func wake() { bell.ring() }

  func commit(
    _ records: [OutgoingControlRecord], position: Int64,
    metadata: @escaping @Sendable (_ written: [ControlTopic: Int64]) -> String
  ) async throws -> [ControlTopic: Int64] {
    try hold()
    do {
      let generation = broker.generation
      try broker.begin(epoch: epoch)
      var written: [ControlTopic: Int64] = [:]
      for record in records {
        try await log.process.effect()
        written[record.topic] = try broker.produce(record, epoch: epoch)
      }
      try await log.process.effect()
      try broker.sendOffsets(
        CommandsPosition(offset: position, metadata: metadata(written)), epoch: epoch, generation: generation)
      try await log.process.effect()
      if isLost { throw TermEnded("no answer; it didn't happen") }
      try broker.commit(epoch: epoch)
      try await log.process.effect()
      if isLost { throw TermEnded("no answer; it happened") }
      return written
    } catch is SimulatedBroker.Fenced {
      hasEnded = true
      throw TermEnded("fenced")
    } catch {
      hasEnded = true
      throw error
    }
  }

  func prove() async throws {
    try hold()
    do {
      let generation = broker.generation
      try broker.begin(epoch: epoch)
      try await log.process.effect()
      try broker.check(epoch: epoch, generation: generation)
      try broker.commit(epoch: epoch)
    } catch is SimulatedBroker.Fenced {
      hasEnded = true
      throw TermEnded("fenced")
    }
  }

  private var isLost: Bool { log.losesAnswers.map { log.process.simulation.happens(oneIn: $0) } ?? false }

  var blocked: BlockedPartition? { get async { nil } }
}

/// Waits for a ring or for simulated time. A ring that nobody waited for is kept.
final class SimulatedBell: @unchecked Sendable {
  private let simulation: Simulation
  private var isRung = false
  private var timer: Int?

  init(_ simulation: Simulation) { self.simulation = simulation }

  func ring() {
    guard let timer else { return isRung = true }
    simulation.fire(timer)
  }

  func wait(_ milliseconds: Int64) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDue = isRung || Task.isCancelled
        isRung = false
        timer = simulation.after(isDue ? 0 : milliseconds) { continuation.resume() }
      }
      timer = nil
    } onCancel: {
      ring()
    }
  }
}

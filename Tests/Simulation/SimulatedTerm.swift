import ControlPlane
import ControlTopics

final class SimulatedTerm: OwnerTerm, @unchecked Sendable {
  let committed: CommandsPosition?
  let maxMessageBytes = 100_000
  private let log: SimulatedLog
  private let number: Int
  private let epoch: Int
  private var position: Int64 = 0
  private var hasEnded = false
  private var suspicion: [ControlTopic: (offset: Int64, since: Int64)] = [:]
  private var broker: SimulatedBroker { log.broker }
  private var process: SimulatedProcess { log.process }
  private var machine: Machine { log.process.machine }

  init(_ log: SimulatedLog, _ number: Int, epoch: Int, committed: CommandsPosition?) {
    self.log = log
    self.number = number
    self.epoch = epoch
    self.committed = committed
  }

  private func hold() throws {
    try process.alive()
    if hasEnded || !log.membership.holds(number) { throw TermEnded("the partition is no longer ours") }
  }

  // MARK: reading

  func extent(of topic: ControlTopic) async throws -> TopicExtent {
    try hold()
    return TopicExtent(first: 0, end: broker.end(of: topic))
  }

  func replay(
    _ topic: ControlTopic, from offset: Int64?, _ body: @escaping @Sendable ([ControlRecord]) throws -> Void
  ) async throws -> Int64 {
    try await process.effect()
    let end = broker.dropped == .trueEnd ? broker.lastStableOffset(of: topic) : broker.end(of: topic)
    while broker.lastStableOffset(of: topic) < end {
      try hold()
      await log.bell.wait(100)
      try await process.awake()
    }
    try hold()
    try body(broker.committedRecords(of: topic, from: offset ?? 0).filter { $0.offset < end })
    return end
  }

  func startCommands(at offset: Int64) async throws { position = offset }

  func nextCommands(max: Int) async throws -> [ControlRecord] {
    try hold()
    if broker.committedRecords(of: .commands, from: position).isEmpty { await log.bell.wait(1000) }
    try await process.awake()
    try hold()
    let records = Array(broker.committedRecords(of: .commands, from: position).prefix(max))
    if let last = records.last { position = last.offset + 1 }
    return records
  }

  func wake() { log.bell.ring() }

  /// Seen at the same offset for three seconds.
  var blocked: BlockedPartition? {
    get async {
      for topic in ControlTopic.allCases {
        let (stable, end) = (broker.lastStableOffset(of: topic), broker.end(of: topic))
        guard stable < end else {
          suspicion[topic] = nil
          continue
        }
        guard let suspect = suspicion[topic], suspect.offset == stable else {
          suspicion[topic] = (stable, machine.now)
          continue
        }
        if machine.now - suspect.since >= 3000 {
          return BlockedPartition(topic: topic, lastStableOffset: stable, endOffset: end)
        }
      }
      return nil
    }
  }

  // MARK: writing

  func commit(
    _ records: [OutgoingControlRecord], position: Int64,
    metadata: @escaping @Sendable (_ written: [ControlTopic: Int64]) -> String
  ) async throws -> [ControlTopic: Int64] {
    try await transact { [self] transaction, generation in
      var written: [ControlTopic: Int64] = [:]
      for record in records {
        try await process.effect()
        written[record.topic] = try broker.produce(record, epoch: epoch, in: transaction)
      }
      try await process.effect()
      let found = CommandsPosition(offset: position, metadata: metadata(written))
      if broker.dropped != .positionInTransaction {
        try broker.sendOffsets(found, epoch: epoch, generation: generation, in: transaction)
      }
      try await process.effect()
      try await end(transaction)
      if broker.dropped == .positionInTransaction { broker.settlePosition(found, by: transaction) }
      return written
    }
  }

  func prove() async throws {
    if broker.dropped == .proof { return }
    try await transact { [self] transaction, generation in
      try await process.effect()
      try broker.check(epoch: epoch, generation: generation, in: transaction)
      try await end(transaction)
    }
  }

  private func transact<Result: Sendable>(
    _ body: (_ transaction: Int, _ generation: Int) async throws -> Result
  ) async throws -> Result {
    try hold()
    guard let generation = log.membership.assignment?.generation else { throw TermEnded("not the assignee") }
    do {
      return try await body(try await begin(), generation)
    } catch {
      hasEnded = true
      switch error {
      case is SimulatedBroker.Fenced: throw TermEnded("fenced")
      case is SimulatedBroker.IllegalGeneration:
        log.membership.void(generation)
        throw TermEnded("an old generation")
      default: throw error
      }
    }
  }

  private func begin() async throws -> Int {
    while true {
      if let number = try broker.begin(epoch: epoch) { return number }
      await machine.pause(machine.draw(1...3))
      try await process.awake()
    }
  }

  private func end(_ transaction: Int) async throws {
    guard let chance = log.losesAnswers, machine.happens(oneIn: chance) else {
      try broker.commit(epoch: epoch, transaction)
      try await process.effect()
      return
    }
    switch machine.draw(1...3) {
    case 1: try broker.commit(epoch: epoch, transaction)
    case 2: broker.commitLater(epoch: epoch, transaction, after: machine.draw(0...500))
    default: break
    }
    if broker.dropped == .ownerDoubts { return }
    throw TermEnded("no answer to a commit")
  }
}

import RestoreModel

/// The work of one item in simulated time, by the steps of the real one: take over, learn how far things are, commit that under the own
/// claim, then records.
final class SimulatedWorker: @unchecked Sendable {
  enum Outcome { case finished, stopped, superseded, failed }

  private enum Interruption: Error {
    case stopped
    case superseded
    /// A commit's outcome is unknown, or the handle is gone.
    case again
    case failed(RunFault)
  }

  let item: WorkItem
  private let process: SimulatedProcess
  private let sink: SimulatedSink
  private let tell: (Fact.Content) -> Void
  /// What makes it fail, one transaction in so many.
  var failsOneIn: Int64?
  /// Reading ahead takes up to so many milliseconds a transaction.
  var pace: Int64 = 0
  /// Milliseconds between two times that a lane's positions are kept.
  var keepInterval: Int64 = 10_000
  /// What it asks of the sink first takes so many milliseconds more.
  var stall: Int64 = 0
  /// What the control topics say that it seals for.
  var purpose: () -> Stopping? = { nil }
  /// Of those that its process has started.
  var number = 0
  private let bell: SimulatedBell
  private var positioned: Bool
  private var stopIsWanted = false
  private var isCautious = false
  private var rest: Int64 = 1000

  init(
    _ item: WorkItem, _ process: SimulatedProcess, _ sink: SimulatedSink, tell: @escaping (Fact.Content) -> Void
  ) {
    self.item = item
    self.process = process
    self.sink = sink
    self.tell = tell
    positioned = item.positioned
    bell = SimulatedBell(process.machine)
  }

  func update(_ item: WorkItem) {
    positioned = positioned || item.positioned
    bell.ring()
  }

  func stop() {
    stopIsWanted = true
    bell.ring()
  }

  /// Returns when there is nothing left to do, or when it is to stop; throws when the process dies.
  func run() async throws -> Outcome {
    while true {
      do {
        switch item.id.task {
        case .prepare: try await prepare()
        case .lane(let lane): try await work(lane, sealing: false)
        case .seal(let lane):
          if sink.dropped == nil || sink.dropped != purpose()?.rule { try await work(lane, sealing: true) }
          tell(.sealed(lane, warning: nil))
        case .keep(let lane):
          try await keep(lane)
          continue
        case .verify: try await verify()
        }
        return .finished
      } catch let interruption as Interruption {
        switch interruption {
        case .stopped: return .stopped
        case .again: break
        case .superseded where item.id.task.isKeeping, .failed where item.id.task.isKeeping:
          if case .failed(let fault) = interruption, let lane = item.id.task.lane { tell(.notKept(lane, fault)) }
        case .superseded:
          if case .lane(let lane) = item.id.task { tell(.superseded(lane)) }
          guard try await hasRested() else { return .superseded }
        case .failed(let fault):
          tell(.failed(fault))
          guard try await hasRested() else { return .failed }
        }
      }
    }
  }

  /// Before it tries again what is still wanted.
  private func hasRested() async throws -> Bool {
    isCautious = true
    defer { rest = min(rest * 2, 60_000) }
    do { try await wait(rest) } catch is Interruption { return false }
    return true
  }

  private func wait(_ milliseconds: Int64) async throws {
    let due = process.machine.now + milliseconds
    while process.machine.now < due {
      try checkpoint()
      await bell.wait(due - process.machine.now)
      try await process.awake()
    }
    try checkpoint()
  }

  /// Once, after the interval.
  private func keep(_ lane: LaneID) async throws {
    try await wait(keepInterval)
    isCautious = true
    if sink.dropped == .restingPositionsAreKept { return }
    guard sink.dropped == .keptByTakeOver else {
      try await work(lane, sealing: true)
      return tell(.kept(lane))
    }
    let place = SimulatedSink.Place(uid: item.id.uid, run: item.id.run, lane: lane)
    guard let found = try await positions(place) else { return }
    try await stand()
    sink.put(found, place)
  }

  /// A call that no stop cuts short.
  private func stand() async throws {
    guard stall > 0 else { return }
    await process.machine.rest(stall)
    stall = 0
    try await process.awake()
  }

  private func checkpoint() throws { if stopIsWanted { throw Interruption.stopped } }

  // MARK: a lane

  private func work(_ lane: LaneID, sealing: Bool) async throws {
    let place = SimulatedSink.Place(uid: item.id.uid, run: item.id.run, lane: lane)
    let topics = item.lanes.first { $0.id == lane }?.topics ?? []
    if isCautious, let found = sink.positions(place), let found, found.claim > item.id.claim {
      throw Interruption.superseded
    }
    let early = sink.dropped == .laneFenceThenFetch ? try await self.positions(place) : nil
    let epoch = try await takeOver(place)
    let found = sink.dropped == .laneFenceThenFetch ? early : try await self.positions(place)
    var positions = SimulatedSink.Positions(
      next: found?.next ?? Dictionary(topics.map { ($0, 0) }) { $1 }, claim: item.id.claim)
    if found == nil {
      if positioned, case .seal = item.id.task { return }
      if positioned {
        throw Interruption.failed(RunFault(reason: "PositionsMissing", message: "the sink has no positions"))
      }
      try await commit(place, epoch, positions)
    } else if let found, found.claim > item.id.claim, sink.dropped != .claims {
      throw Interruption.superseded
    }
    if !positioned {
      tell(.positioned(lane))
      if !sealing, sink.dropped != .handshake { try await waitUntilPositioned() }
    }
    if found != nil { try await commit(place, epoch, positions) }
    if sealing { return }
    for topic in topics { try await restore(topic, lane, place, epoch, &positions) }
  }

  private func takeOver(_ place: SimulatedSink.Place) async throws -> Int {
    while true {
      try await process.effect()
      if case .seal = item.id.task {} else { try checkpoint() }
      try await stand()
      if let epoch = sink.initTransactions(place) { return epoch }
    }
  }

  private func positions(_ place: SimulatedSink.Place) async throws -> SimulatedSink.Positions? {
    while true {
      try await process.effect()
      if let found = sink.positions(place) { return found }
    }
  }

  private func waitUntilPositioned() async throws {
    while !positioned {
      try checkpoint()
      await bell.wait(60_000)
      try await process.awake()
    }
    try checkpoint()
  }

  private func restore(
    _ topic: TopicName, _ lane: LaneID, _ place: SimulatedSink.Place, _ epoch: Int,
    _ positions: inout SimulatedSink.Positions
  ) async throws {
    if item.restoredTopics.contains(topic) { return }
    try checkpoint()
    tell(.topicStarted(topic, lane))
    var figures = Figures()
    figures.recordsTotal = Int64(sink.recordsPerTopic)
    while let next = positions.next[topic], next < sink.recordsPerTopic {
      if let failsOneIn, process.machine.happens(oneIn: failsOneIn) {
        throw Interruption.failed(RunFault(reason: "RecordRefused", message: "the sink refuses a record"))
      }
      if pace > 0 {
        await bell.wait(process.machine.draw(0...pace))
        try await process.awake()
        try checkpoint()
      }
      let count = min(Int(process.machine.draw(1...2)), sink.recordsPerTopic - next)
      positions.next[topic] = next + count
      try await commit(place, epoch, positions, topic, count: count)
      figures.recordsRestored = Int64(next + count)
      tell(.progress(lane, [TopicProgress(target: topic, lane: lane, state: .restoring, figures: figures)]))
      try checkpoint()
    }
    figures.recordsRestored = figures.recordsTotal
    tell(.topicRestored(topic, lane, figures))
  }

  private func commit(
    _ place: SimulatedSink.Place, _ epoch: Int, _ positions: SimulatedSink.Positions, _ topic: TopicName? = nil,
    count: Int = 0
  ) async throws {
    repeat { try await process.effect() } while sink.isEnding(place)
    do {
      let machine = process.machine
      if let chance = process.losesAnswers, machine.happens(oneIn: chance) {
        switch machine.draw(1...3) {
        case 1: try sink.commit(place, epoch: epoch, topic, count: count, positions)
        case 2:
          sink.commitLater(place, epoch: epoch, topic, count: count, positions, after: machine.draw(0...500))
        default: break
        }
        if sink.dropped == .laneDoubts { return }
        throw Interruption.again
      }
      try sink.commit(place, epoch: epoch, topic, count: count, positions)
    } catch is SimulatedSink.Fenced {
      throw Interruption.superseded
    }
    try await process.effect()
    if sink.dropped == .lanePositionsInTransaction { sink.put(positions, place) }
  }

  // MARK: the rest of a run

  private func prepare() async throws {
    if item.lanes.isEmpty {
      try await process.effect()
      try checkpoint()
      tell(.planned(plan()))
    }
    try await process.effect()
    try checkpoint()
    tell(.preflightPassed(PreflightReport()))
  }

  private func plan() -> RunPlan {
    let topics = item.spec.config.topics.map(\.target)
    let lanes = topics.enumerated().map { PlannedLane(id: LaneID($0), topics: [$1], maxMessageBytes: 1_000_000) }
    return RunPlan(
      lanes: lanes, archiveDigest: String(repeating: "ab", count: 32),
      topics: lanes.map { TopicProgress(target: $0.topics[0], lane: $0.id) })
  }

  private func verify() async throws {
    try await process.effect()
    try checkpoint()
    let whole = item.lanes.allSatisfy { lane in
      lane.topics.allSatisfy {
        sink.isWhole($0, SimulatedSink.Place(uid: item.id.uid, run: item.id.run, lane: lane.id))
      }
    }
    if !whole { sink.note(fault: "run \(item.id.run) is done, but not all records are there") }
    tell(.verified(VerificationReceipt(verdict: .digestsMatch, message: "equal", partitions: [])))
  }
}

extension WorkItem.Task {
  fileprivate var isKeeping: Bool { if case .keep = self { true } else { false } }
}

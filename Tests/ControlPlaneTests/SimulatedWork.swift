import ControlPlane
import RestoreModel
import Threads

/// The sink cluster: what lanes have committed there. It outlives every process, and fences by claim.
final class SimulatedSink: @unchecked Sendable {
  struct Lane: Hashable {
    var uid: UID
    var run: Int
    var lane: LaneID
  }

  private(set) var claims: [Lane: Claim] = [:]
  private(set) var restored: [Lane: Set<TopicName>] = [:]
  /// Times that a topic was copied by a run; more than once is data doubled.
  private(set) var copies: [Lane: [TopicName: Int]] = [:]
  private(set) var faults: [String] = []

  /// False when a higher claim stands there.
  func takeOver(_ lane: Lane, _ claim: Claim) -> Bool {
    if let found = claims[lane], found > claim { return false }
    claims[lane] = claim
    return true
  }

  /// False when the fence is lost.
  func copy(_ topic: TopicName, _ lane: Lane, _ claim: Claim) -> Bool {
    guard claims[lane] == claim else { return false }
    guard restored[lane, default: []].insert(topic).inserted else { return true }
    copies[lane, default: [:]][topic, default: 0] += 1
    return true
  }

  func note(fault: String) { faults.append(fault) }
}

/// Does the work of one process in simulated time, against the shared sink.
final class SimulatedWorkQueue: WorkQueue, @unchecked Sendable {
  let facts: AsyncStream<Fact>
  private let report: AsyncStream<Fact>.Continuation
  private let process: SimulatedProcess
  private let sink: SimulatedSink
  private var wanted: [ResourceKey: [WorkItem]] = [:]
  private var running: Set<WorkItem.ID> = []

  init(_ process: SimulatedProcess, _ sink: SimulatedSink) {
    self.process = process
    self.sink = sink
    (facts, report) = AsyncStream<Fact>.makeStream()
  }

  func reconcile(_ key: ResourceKey, _ items: [WorkItem]) {
    guard !process.isDead else { return }
    wanted[key] = items
    for item in items where !running.contains(item.id) {
      running.insert(item.id)
      step(item.id)
    }
  }

  func stopAll() async {
    wanted = [:]
    running = []
  }

  /// False: listing an archive waits until it is cancelled.
  var answersListings = true

  func archivedTopics(in storage: StorageSpec, credentials: CredentialsSpec?) async -> Result<[TopicName], Rejection> {
    if !answersListings { await process.simulation.pause(1_000_000_000) }
    return .success(["orders", "payments", "returns"])
  }

  private func step(_ id: WorkItem.ID) {
    process.simulation.after(process.simulation.draw(0...20)) { [self] in
      guard !process.isDead, running.contains(id) else { return }
      guard let item = wanted[id.key]?.first(where: { $0.id == id }) else {
        running.remove(id)
        return
      }
      if work(on: item) { step(id) } else { running.remove(id) }
    }
  }

  /// One step; false when there is nothing left to do.
  private func work(on item: WorkItem) -> Bool {
    switch item.id.task {
    case .prepare:
      guard !item.lanes.isEmpty else {
        tell(item, .planned(plan(item)))
        return true
      }
      tell(item, .preflightPassed(PreflightReport()))
      return false
    case .lane(let lane): return work(on: item, lane)
    case .seal(let lane):
      let place = SimulatedSink.Lane(uid: item.id.uid, run: item.id.run, lane: lane)
      tell(item, sink.takeOver(place, item.id.claim) ? .sealed(lane, warning: nil) : .superseded(lane))
      return false
    case .verify:
      tell(item, .verified(VerificationReceipt(verdict: .digestsMatch, message: "equal", partitions: [])))
      return false
    }
  }

  private func work(on item: WorkItem, _ lane: LaneID) -> Bool {
    let place = SimulatedSink.Lane(uid: item.id.uid, run: item.id.run, lane: lane)
    if sink.claims[place] != item.id.claim {
      guard sink.claims[place] != nil || !item.positioned else {
        sink.note(fault: "\(item.id.key) lane \(lane): the control plane says that there are positions")
        return false
      }
      guard sink.takeOver(place, item.id.claim) else {
        tell(item, .superseded(lane))
        return false
      }
    }
    guard item.positioned else {
      tell(item, .positioned(lane))
      return true
    }
    let topics = item.lanes.first { $0.id == lane }?.topics ?? []
    guard let next = topics.first(where: { !item.restoredTopics.contains($0) }) else { return false }
    tell(item, .topicStarted(next, lane))
    var figures = Figures()
    figures.recordsTotal = 100
    figures.recordsRestored = process.simulation.draw(1...99)
    tell(item, .progress(lane, [TopicProgress(target: next, lane: lane, state: .restoring, figures: figures)]))
    if process.simulation.happens(oneIn: 2) { return true }
    guard sink.copy(next, place, item.id.claim) else { return false }
    figures.recordsRestored = 100
    tell(item, .topicRestored(next, lane, figures))
    return true
  }

  private func plan(_ item: WorkItem) -> RunPlan {
    let topics = item.spec.config.topics.map(\.target)
    let lanes = topics.enumerated().map { PlannedLane(id: LaneID($0), topics: [$1], maxMessageBytes: 1_000_000) }
    return RunPlan(
      lanes: lanes, archiveDigest: String(repeating: "ab", count: 32),
      topics: lanes.map { TopicProgress(target: $0.topics[0], lane: $0.id) })
  }

  private func tell(_ item: WorkItem, _ content: Fact.Content) {
    let fact = Fact(key: item.id.key, uid: item.id.uid, run: item.id.run, claim: item.id.claim, content: content)
    report.yield(fact)
    if process.simulation.happens(oneIn: 10) { report.yield(fact) }
  }
}

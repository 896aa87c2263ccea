import ControlPlane
import RestoreModel

/// The work of one process, level-triggered as the real one: of one lane there is never more than one worker, what has finished waits to be
/// taken off the list, what ended otherwise begins again while it is wanted.
final class SimulatedWorkQueue: WorkQueue, @unchecked Sendable {
  private enum Place: Hashable {
    case lane(UID, Int, LaneID)
    case prepare(UID, Int)
    case verify(UID, Int)

    init(_ id: WorkItem.ID) {
      switch id.task {
      case .prepare: self = .prepare(id.uid, id.run)
      case .lane(let lane), .seal(let lane), .keep(let lane): self = .lane(id.uid, id.run, lane)
      case .verify: self = .verify(id.uid, id.run)
      }
    }
  }

  let facts: AsyncStream<Fact>
  private let stream: AsyncStream<Fact>.Continuation
  private let process: SimulatedProcess
  private let sink: SimulatedSink
  private var desired: [ResourceKey: [WorkItem]] = [:]
  private var workers: [Place: SimulatedWorker] = [:]
  private var finished: Set<WorkItem.ID> = []
  private var term = 0
  private var started = 0
  /// When the latest fact of an item arrives: those of one item arrive in order, whatever happens to others.
  private var arrivals: [WorkItem.ID: Int64] = [:]

  /// Reports take up to so many milliseconds.
  var delay: Int64 = 5
  /// One report in so many arrives again, much later.
  var repeatsOneIn: Int64 = 10
  var failsOneIn: Int64?
  /// Of workers that send records, in milliseconds a transaction.
  var pace: Int64 = 0
  /// Of positions of lanes at rest, in milliseconds.
  var keepInterval: Int64 = 10_000
  /// What the next worker of such a task asks of the sink first takes so many milliseconds more.
  var stalls: (task: (WorkItem.Task) -> Bool, milliseconds: Int64)?
  /// False: listing an archive waits until it is cancelled.
  var answersListings = true
  /// Whether the control topics hold the claim that an item was started with.
  var isRecorded: (WorkItem.ID) -> Bool = { _ in true }
  /// For `factsCarryClaims` being left out: the claim in force.
  var claimInForce: (ResourceKey) -> Claim? = { _ in nil }
  /// What the control topics say that is being sealed for.
  var stopping: (ResourceKey) -> Stopping? = { _ in nil }
  /// Hears what workers report, at once and truly.
  var witness: (Fact) -> Void = { _ in }

  init(_ process: SimulatedProcess, _ sink: SimulatedSink) {
    self.process = process
    self.sink = sink
    (facts, stream) = AsyncStream<Fact>.makeStream()
  }

  func reconcile(_ key: ResourceKey, _ items: [WorkItem]) {
    guard !process.isDead else { return }
    for item in items where !isRecorded(item.id) {
      sink.note(fault: "work begins under claim \(item.id.claim), which isn't recorded")
    }
    desired[key] = items.isEmpty ? nil : items
    let wanted = Dictionary(items.map { ($0.id, $0) }) { first, _ in first }
    finished = finished.filter { $0.key != key || wanted[$0] != nil }
    for worker in inOrder where worker.item.id.key == key {
      if let item = wanted[worker.item.id] { worker.update(item) } else { worker.stop() }
    }
    startWanted(key)
  }

  /// A worker that doesn't end in time is fenced by the next claim.
  func stopAll() async {
    term += 1
    desired = [:]
    finished = []
    for worker in inOrder { worker.stop() }
    let due = process.machine.now + 10_000
    while !process.isDead, !workers.isEmpty, process.machine.now < due { await process.machine.rest(5) }
  }

  func archivedTopics(in storage: StorageSpec, credentials: CredentialsSpec?) async -> Result<[TopicName], Rejection> {
    if !answersListings { await process.machine.pause(1_000_000_000) }
    return .success(["orders", "payments", "returns"])
  }

  private var inOrder: [SimulatedWorker] { workers.values.sorted { $0.number < $1.number } }

  private func startWanted(_ key: ResourceKey) {
    for item in desired[key] ?? [] where workers[Place(item.id)] == nil && !finished.contains(item.id) {
      let place = Place(item.id)
      let beginning = term
      let worker = SimulatedWorker(item, process, sink) { [unowned self] content in
        if term == beginning { report(content, of: item.id) }
      }
      worker.failsOneIn = failsOneIn
      worker.pace = pace
      worker.keepInterval = keepInterval
      if let stalls, stalls.task(item.id.task) {
        worker.stall = stalls.milliseconds
        self.stalls = nil
      }
      worker.purpose = { [stopping] in stopping(key) }
      started += 1
      worker.number = started
      workers[place] = worker
      _ = process.machine.start { [self] in
        let outcome = try await worker.run()
        ended(place, worker, outcome)
      }
    }
  }

  private func ended(_ place: Place, _ worker: SimulatedWorker, _ outcome: SimulatedWorker.Outcome) {
    workers[place] = nil
    let id = worker.item.id
    if outcome == .finished, desired[id.key]?.contains(where: { $0.id == id }) == true { finished.insert(id) }
    startWanted(id.key)
  }

  private func report(_ content: Fact.Content, of id: WorkItem.ID) {
    let machine = process.machine
    let fact = Fact(key: id.key, uid: id.uid, run: id.run, claim: id.claim, content: content)
    let due = max(arrivals[id] ?? 0, machine.now + machine.draw(0...delay))
    arrivals[id] = due
    witness(fact)
    deliver(fact, after: due - machine.now)
    if machine.happens(oneIn: repeatsOneIn) { deliver(fact, after: due - machine.now + machine.draw(0...20_000)) }
  }

  private func deliver(_ fact: Fact, after milliseconds: Int64) {
    process.after(milliseconds) { [self] in
      var fact = fact
      if sink.dropped == .factsCarryClaims { fact.claim = claimInForce(fact.key) ?? fact.claim }
      stream.yield(fact)
    }
  }
}

import Kafka
import LocalWork
import Logging
import RestoreEngine
import RestoreModel
import TestSupport
import Threads

/// One Restore on a broker, with the test in the place of the control plane: it holds what would be recorded, hands work out and takes facts in.
final class RestoreHarness: Sendable {
  struct State {
    var spec: RestoreSpec
    var run = 1
    var claim = Claim(1)
    var plan: RunPlan?
    var preflight: PreflightReport?
    var preflightFailed = false
    var positioned: Set<LaneID> = []
    var restored: [TopicName: Figures] = [:]
    var started: [TopicName] = []
    var sealed: [LaneID: String?] = [:]
    var superseded = 0
    var receipt: VerificationReceipt?
    var faults: [RunFault] = []
    var waits: [RunFault] = []
    var progress = 0
    /// As the lane that reported last has it; bytes.
    var bytesRestored: Int64 = 0
    var kept = 0
    var notKept: [RunFault] = []
  }

  enum Wanted {
    case nothing
    case prepare
    case lanes
    case seal(forDeletion: Bool)
    case keep
    case verify
  }

  let key: ResourceKey
  let uid: UID
  let queue: InProcessWorkQueue
  let archive: TestArchive
  let servers: String
  let policy: EnginePolicy
  let logs = MemoryLogSink(level: .debug)
  let state: Monitor<State>
  private let wanted = Locked(Wanted.nothing)
  /// Facts the control topics learn of; a test may keep `positioned` from them.
  let hearsPositions: Bool

  init(
    _ broker: String, _ archive: TestArchive, config: RestoreConfig, uid: UID? = nil, key: ResourceKey? = nil,
    hearsPositions: Bool = true,
    transactions: TransactionBounds = TransactionBounds(interval: .milliseconds(200)), steps: StepPoints = .none,
    patience: Duration = .seconds(600), positionsRefresh: Duration = .seconds(86_400), memoryPerLane: Int = 64 << 20
  ) {
    var policy = EnginePolicy(
      volumeRoots: [archive.path], transactions: transactions, memoryPerLane: memoryPerLane, patience: patience,
      positionsRefresh: positionsRefresh)
    policy.prefix = "test."
    self.policy = policy
    self.archive = archive
    self.uid = uid ?? Self.randomUID()
    self.key = key ?? ResourceKey(.restore, name: uniqueName("restore"))
    self.hearsPositions = hearsPositions
    servers = broker
    queue = InProcessWorkQueue(policy: policy, logger: Logger("work", to: logs), steps: steps)
    var spec = RestoreSpec(source: "archive", sink: "hub")
    spec.config = config
    state = Monitor(State(spec: spec))
    Task { [weak self, facts = queue.facts] in
      for await fact in facts { self?.take(fact) }
    }
  }

  /// Another process that took the run over: it knows what is recorded, and has a new claim.
  ///
  /// - Parameter sink: bootstrap servers of another cluster, which the EventHub has come to name.
  func successor(sink: String? = nil, steps: StepPoints = .none) -> RestoreHarness {
    let known = now
    let other = RestoreHarness(
      sink ?? servers, archive, config: known.spec.config, uid: uid, key: key, transactions: policy.transactions,
      steps: steps)
    other.state.change { state in
      state.claim = known.claim.next
      state.plan = known.plan
      state.preflight = known.preflight
      state.positioned = known.positioned
      state.restored = known.restored
    }
    return other
  }

  var now: State { state.read { $0 } }

  static func randomUID() -> UID {
    func hex(_ count: Int) -> String {
      (0..<count).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    }
    return UID([8, 4, 4, 4, 12].map(hex).joined(separator: "-"))
  }

  var group: String { RunNames(prefix: policy.prefix, uid: uid, run: state.read { $0.run }).group }

  func item(_ task: WorkItem.Task) -> WorkItem {
    let state = state.read { $0 }
    var item = WorkItem(
      id: WorkItem.ID(key: key, uid: uid, run: state.run, claim: state.claim, task: task), spec: state.spec,
      source: .volume(path: archive.path),
      sink: EventHubSpec(properties: ["bootstrap.servers": servers]), sourceCredentials: nil, sinkCredentials: nil,
      lanes: state.plan?.lanes ?? [], archiveDigest: state.plan?.archiveDigest, sources: state.plan?.sources ?? [],
      clusterID: state.plan?.clusterID,
      restoredTopics: state.restored.keys.sorted())
    if let lane = task.lane { item.positioned = state.positioned.contains(lane) }
    item.slots = max(1, state.spec.config.parallelism)
    return item
  }

  func want(_ wanted: Wanted) {
    self.wanted.withLock { $0 = wanted }
    reconcile()
  }

  private func reconcile() {
    let lanes = state.read { $0.plan?.lanes ?? [] }
    switch wanted.withLock({ $0 }) {
    case .nothing: queue.reconcile(key, [])
    case .prepare: queue.reconcile(key, [item(.prepare)])
    case .lanes: queue.reconcile(key, lanes.map { item(.lane($0.id)) })
    case .seal(let forDeletion):
      queue.reconcile(
        key,
        lanes.map { lane in
          var seal = item(.seal(lane.id))
          seal.forDeletion = forDeletion
          return seal
        })
    case .keep: queue.reconcile(key, lanes.map { item(.keep($0.id)) })
    case .verify: queue.reconcile(key, [item(.verify)])
    }
  }

  private func take(_ fact: Fact) {
    let isCurrent = state.change { state in
      guard fact.run == state.run, fact.claim == state.claim else { return false }
      switch fact.content {
      case .waiting(let fault): state.waits.append(fault)
      case .planned(let plan): state.plan = plan
      case .preflightPassed(let report): state.preflight = report
      case .preflightFailed(let report):
        state.preflight = report
        state.preflightFailed = true
      case .positioned(let lane): if hearsPositions { state.positioned.insert(lane) }
      case .topicStarted(let topic, _): state.started.append(topic)
      case .topicRestored(let topic, _, let figures): state.restored[topic] = figures
      case .progress(_, let topics):
        state.progress += 1
        state.bytesRestored = topics.reduce(0) { $0 + $1.figures.bytesRestored }
      case .sealed(let lane, let warning): state.sealed[lane] = .some(warning)
      case .kept: state.kept += 1
      case .notKept(_, let fault): state.notKept.append(fault)
      case .superseded: state.superseded += 1
      case .failed(let fault): state.faults.append(fault)
      case .verified(let receipt): state.receipt = receipt
      }
      return true
    }
    if isCurrent, case .positioned = fact.content { reconcile() }
  }

  struct TimedOut: Error, CustomStringConvertible { var description: String }

  /// Waits until what the facts say is so.
  @discardableResult
  func wait<Result: Sendable>(
    _ what: String, within timeout: Duration = .seconds(120), _ condition: @escaping @Sendable (State) -> Result?
  ) async throws -> Result {
    let state = state
    let result = try await NamedThread.run("wait") { state.wait(timeout: timeout) { condition($0) } }
    if let result { return result }
    let now = state.read {
      "faults \($0.faults) waits \($0.waits) restored \($0.restored.keys.sorted()) plan \(String(describing: $0.plan))"
    }
    throw TimedOut(
      description: "\(what): not within \(timeout); \(now); \(logs.lines.suffix(20).joined(separator: "\n"))")
  }

  func prepare() async throws {
    want(.prepare)
    try await wait("the preflight") { $0.preflight != nil || !$0.faults.isEmpty ? true : nil }
  }

  var targets: Int { state.read { $0.spec.config.topics.count } }

  /// From the plan to the last topic.
  func restore() async throws {
    try await prepare()
    want(.lanes)
    try await finish()
  }

  func finish() async throws {
    let targets = targets
    try await wait("all topics restored") { $0.restored.count == targets || !$0.faults.isEmpty ? true : nil }
  }

  func verify() async throws -> VerificationReceipt {
    want(.verify)
    return try await wait("the verification") { $0.receipt }
  }

  /// What an owner records when it takes over, resumes or retries: a new claim.
  func raiseClaim() {
    state.change { state in
      state.claim = state.claim.next
      state.faults = []
    }
  }

  func stop() async {
    wanted.withLock { $0 = .nothing }
    await queue.stopAll()
  }
}

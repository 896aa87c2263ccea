import RestoreModel
import Testing
import Seeded

@Suite("Random walks")
struct RandomWalkTests {
  static let steps = 600

  @Test(
    "Whatever comes in whatever order, the invariants hold and a replay agrees",
    arguments: 1...40 as ClosedRange<UInt64>)
  func walk(seed: UInt64) {
    var step = 0
    let scenario = Self.walk(seed: seed) { before, scenario, events in
      Invariant.check(
        from: before, to: scenario.state, events, note: "seed \(seed), step \(step), \(events.types)")
      step += 1
    }
    var replayed = ControlState()
    for event in scenario.history { replayed.evolve(event) }
    #expect(replayed.withoutProgress == scenario.state.withoutProgress, "seed \(seed): a replay agrees")
    #expect(scenario.history.map(\.sequence) == Array(1...Int64(scenario.history.count)), "seed \(seed)")
  }

  @Test("The walks reach every phase, every kind of stop and nearly every event")
  func coverage() {
    var phases: Set<Phase> = []
    var stops: Set<Stopping> = []
    var types: Set<String> = []
    for seed in 1...40 as ClosedRange<UInt64> {
      Self.walk(seed: seed) { _, scenario, events in
        types.formUnion(events.types)
        if let phase = scenario.phase { phases.insert(phase) }
        if let stopping = scenario.status?.stopping { stops.insert(stopping) }
      }
    }
    #expect(phases == Set(Phase.allCases))
    #expect(stops == Set(Stopping.allCases))
    let all: Set = [
      "RestoreCreated", "TopicMapped", "TopicUnmapped", "SpecChanged", "RestoreEnabled", "RestoreDisabled",
      "RunStarted", "RunPlanned", "PreflightPassed", "PreflightFailed", "LanePositioned", "TopicStarted",
      "TopicRestored", "LaneSealed", "RunPaused", "RunResumed", "RunRetried", "RunTakenOver", "RunFailed",
      "RunCompleted", "RunVerified", "VerificationFailed", "VerificationInconclusive", "RestartAccepted",
      "DeleteAccepted", "RestoreDeleted", "ConditionChanged", "ResourceApplied", "ResourceDeleted",
      "CommandUnchanged", "CommandRejected", "OwnerChanged",
    ]
    #expect(types == all, "missing: \(all.subtracting(types)), unknown: \(types.subtracting(all))")
  }

  /// - Parameter visit: is given the state before each move, what the move led to, and its events.
  @discardableResult static func walk(
    seed: UInt64, _ visit: (ControlState, Scenario, [Event]) throws -> Void
  ) rethrows -> Scenario {
    var generator = SeededGenerator(seed)
    var scenario = Scenario(bare: true)
    var late: [Fact] = []
    for _ in 0..<steps {
      let before = scenario.state
      let events = move(&scenario, &late, &generator)
      try visit(before, scenario, events)
    }
    return scenario
  }

  /// Half the moves are what the desired work would report, so that runs get somewhere; the rest is anything.
  private static func move(
    _ scenario: inout Scenario, _ late: inout [Fact], _ generator: inout SeededGenerator
  ) -> [Event] {
    switch Int.random(in: 0..<100, using: &generator) {
    case 0..<55: return work(&scenario, &late, &generator)
    case 55..<62:
      guard let fact = late.randomElement(using: &generator) else { return [] }
      return scenario.report(fact)
    case 62..<66:
      guard let fact = Scenario.facts.randomElement(using: &generator) else { return [] }
      return scenario.report(fact)
    case 66..<68: return scenario.takeOver()
    case 68..<80: return supporting(&scenario, &generator)
    default:
      guard let command = Scenario.commands.randomElement(using: &generator) else { return [] }
      let id = Bool.random(using: &generator) ? "id-\(Int.random(in: 0..<200, using: &generator))" : nil
      return scenario.send(command, id: id, archived: Scenario.archived)
    }
  }

  private static func supporting(_ scenario: inout Scenario, _ generator: inout SeededGenerator) -> [Event] {
    switch Int.random(in: 0..<8, using: &generator) {
    case 0..<3: scenario.send(.apply(Scenario.storageDocument()), Scenario.storage)
    case 3..<6: scenario.send(.apply(Scenario.hubDocument()), Scenario.hub)
    case 6: scenario.send(.delete, Scenario.storage)
    default: scenario.send(.delete, Scenario.hub)
    }
  }

  private static func work(
    _ scenario: inout Scenario, _ late: inout [Fact], _ generator: inout SeededGenerator
  ) -> [Event] {
    guard let item = scenario.state.desiredWork(for: Scenario.orders).randomElement(using: &generator) else {
      return []
    }
    let content = result(of: item, scenario.status, &generator)
    let fact = Fact(key: item.id.key, uid: item.id.uid, run: item.id.run, claim: item.id.claim, content: content)
    if Int.random(in: 0..<4, using: &generator) == 0 { late = Array((late + [fact]).suffix(20)) }
    return scenario.report(fact)
  }

  private static func result(
    of item: WorkItem, _ status: ResourceStatus?, _ generator: inout SeededGenerator
  ) -> Fact.Content {
    if Int.random(in: 0..<25, using: &generator) == 0 { return .failed(Scenario.fault) }
    if Int.random(in: 0..<25, using: &generator) == 0 { return .waiting(Scenario.fault) }
    switch item.id.task {
    case .prepare:
      guard item.lanes.isEmpty else {
        let fails = Int.random(in: 0..<6, using: &generator) == 0
        return fails ? .preflightFailed(PreflightReport(failures: ["a: gone"])) : .preflightPassed(PreflightReport())
      }
      let targets = item.spec.config.topics.enumerated().map { index, topic in
        (target: topic.target, maxMessageBytes: Int64(index % 2))
      }
      return .planned(Scenario.plan(LanePlanner.lanes(for: targets, maxProducers: item.spec.config.maxProducers)))
    case .lane(let id):
      guard item.positioned else { return .positioned(id) }
      let topics = item.lanes.first { $0.id == id }?.topics ?? []
      let left = topics.filter { !item.restoredTopics.contains($0) }
      guard let topic = left.randomElement(using: &generator) else { return .superseded(id) }
      return Bool.random(using: &generator) ? .topicStarted(topic, id) : .topicRestored(topic, id, Figures())
    case .keep(let id): return Bool.random(using: &generator) ? .kept(id) : .notKept(id, Scenario.fault)
    case .seal(let id): return .sealed(id, warning: nil)
    case .verify:
      return .verified(
        Scenario.receipt(VerificationReceipt.Verdict.allCases.randomElement(using: &generator) ?? .mismatch))
    }
  }
}

extension ControlState {
  /// Progress between events is known only to who received the facts.
  var withoutProgress: ControlState {
    var state = self
    for key in resources.keys { state.resources[key]?.status.progress = nil }
    return state
  }
}

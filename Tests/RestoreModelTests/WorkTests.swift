import RestoreModel
import Testing
import Seeded

@Suite("Desired work")
struct WorkTests {
  private static func tasks(_ scenario: Scenario) -> [WorkItem.Task] {
    scenario.state.desiredWork(for: Scenario.orders).map(\.id.task)
  }

  private static func lanes(_ scenario: Scenario) -> [WorkItem] {
    scenario.state.desiredWork(for: Scenario.orders).filter { if case .lane = $0.id.task { true } else { false } }
  }

  @Test("Each state wants its work")
  func perStage() {
    let seals: [WorkItem.Task] = [.seal(LaneID(0)), .seal(LaneID(1))]
    let keeps: [WorkItem.Task] = [.keep(LaneID(0)), .keep(LaneID(1))]
    let expected: [Stage: [WorkItem.Task]] = [
      .initializing: [.prepare], .planned: [.prepare], .restoring: [.lane(LaneID(0))],
      .allPositioned: [.lane(LaneID(0)), .keep(LaneID(1))], .pausing: seals, .restarting: seals, .deleting: seals,
      .pausingPreflight: seals, .restartingFailed: seals, .unverified: [.verify] + keeps,
      .paused: keeps, .failed: keeps, .failedDisabled: keeps,
    ]
    for stage in Stage.allCases { #expect(Self.tasks(Scenario.at(stage)) == expected[stage] ?? [], "\(stage)") }
  }

  @Test("A work item carries the claim in force and what its worker must know")
  func content() {
    var scenario = Scenario.at(.restoring)
    scenario.takeOver()
    let fresh = scenario.state.desiredWork(for: Scenario.orders).first
    #expect(fresh?.id.claim == Claim(2))
    #expect(fresh?.positioned == false)
    #expect(fresh?.lanes == Scenario.twoLanes)
    scenario.report(.positioned(LaneID(0)))
    scenario.report(.topicRestored("a", LaneID(0), Figures()))
    let later = scenario.state.desiredWork(for: Scenario.orders).first
    #expect(later?.id == fresh?.id)
    #expect(later?.positioned == true)
    #expect(later?.restoredTopics == ["a"])
    #expect(later?.archiveDigest == Scenario.plan().archiveDigest)
    #expect(later?.clusterID == "sink-1")
    scenario.send(.delete)
    let seals = scenario.state.desiredWork(for: Scenario.orders)
    #expect(seals.map(\.forDeletion) == [true, true])
    #expect(seals.map(\.positioned) == [true, false])
    #expect(seals.allSatisfy { $0.id.claim == Claim(3) })
  }

  @Test("A sealed lane isn't sealed again, and a restored one isn't run again")
  func shrinks() {
    var pausing = Scenario.at(.pausing)
    pausing.report(.sealed(LaneID(0), warning: nil))
    #expect(Self.tasks(pausing) == [.seal(LaneID(1))])
    var running = Scenario.at(.allPositioned)
    for topic in ["a", "b"] as [TopicName] { running.report(.topicRestored(topic, LaneID(0), Figures())) }
    #expect(Self.tasks(running) == [.lane(LaneID(1)), .keep(LaneID(0))])
  }

  @Test("Positions of a lane that rests are kept under the claim in force, of one that has none not at all")
  func keeps() {
    var scenario = Scenario.at(.restoring)
    scenario.report(.positioned(LaneID(0)))
    scenario.report(.failed(Scenario.fault))
    let work = scenario.state.desiredWork(for: Scenario.orders)
    #expect(work.map(\.id.task) == [.keep(LaneID(0))])
    #expect(work.map(\.positioned) == [true] && work.map(\.positionedClaim) == [Claim(1)])
    scenario.takeOver()
    let later = scenario.state.desiredWork(for: Scenario.orders)
    #expect(later.map(\.id.claim) == [Claim(2)] && later.map(\.positionedClaim) == [Claim(1)])
  }

  @Test("Credentials come along")
  func credentials() {
    var scenario = Scenario()
    scenario.send(.apply(Scenario.credentialsDocument()), Scenario.credentials)
    scenario.send(.create(Scenario.document { $0.sinkCredentials = "secret" }))
    let work = scenario.state.desiredWork(for: Scenario.orders)
    guard case .credentials(let spec) = Scenario.credentialsDocument().spec else { return }
    #expect(work.map(\.sinkCredentials) == [spec])
    #expect(work.map(\.sourceCredentials) == [nil])
  }

  @Test("Never more lanes than producers, nor topics than parallelism, however the run unfolds", arguments: 0..<60)
  func bounds(seed: Int) {
    var generator = SeededGenerator(UInt64(seed))
    let parallelism = Int.random(in: 1...6, using: &generator)
    let maxProducers = Int.random(in: 0...4, using: &generator)
    let topics = (0..<Int.random(in: 1...12, using: &generator)).map { TopicName("t\($0)") }
    var scenario = Scenario()
    scenario.send(
      .create(
        Scenario.document(topics: topics) {
          $0.config.parallelism = parallelism
          $0.config.maxProducers = maxProducers
        }))
    let lanes = LanePlanner.lanes(
      for: topics.map { (target: $0, maxMessageBytes: Int64.random(in: 0..<3, using: &generator)) },
      maxProducers: maxProducers)
    scenario.report(.planned(Scenario.plan(lanes)))
    scenario.report(.preflightPassed(PreflightReport()))
    for lane in lanes { scenario.report(.positioned(lane.id)) }
    var begun: Set<TopicName> = []
    while scenario.phase == .restoring {
      let all = scenario.state.desiredWork(for: Scenario.orders)
      let work = all.filter { if case .lane = $0.id.task { true } else { false } }
      #expect(all.count == lanes.count, "seed \(seed): the others' positions are kept")
      let note = "seed \(seed): \(work.map { ($0.id.task, $0.slots) })"
      #expect(!work.isEmpty && work.allSatisfy { $0.slots >= 1 }, "\(note)")
      #expect(work.map(\.slots).reduce(0, +) <= parallelism, "\(note)")
      if maxProducers > 0 { #expect(work.count <= maxProducers, "\(note)") }
      guard let item = work.randomElement(using: &generator), case .lane(let id) = item.id.task,
        let lane = lanes.first(where: { $0.id == id })
      else { return }
      let open = lane.topics.filter(begun.contains)
      #expect(open.count <= item.slots, "\(note): a lane keeps a slot for what it has begun")
      let fresh = lane.topics.filter { !item.restoredTopics.contains($0) && !begun.contains($0) }
      if open.count < item.slots, let topic = fresh.first, Bool.random(using: &generator) {
        scenario.report(.topicStarted(topic, id))
        begun.insert(topic)
      } else if let topic = open.randomElement(using: &generator) {
        scenario.report(.topicRestored(topic, id, Figures()))
        begun.remove(topic)
      }
      #expect(begun.count <= parallelism, "\(note)")
    }
    #expect(scenario.phase == .done)
  }

  @Test("A lane keeps the slots of what it has begun when another lane's turn comes")
  func slotsAreKept() {
    let topics = ["a1", "a2", "a3", "a4", "b", "c1", "c2"] as [TopicName]
    var scenario = Scenario()
    scenario.send(
      .create(
        Scenario.document(topics: topics) {
          $0.config.parallelism = 4
          $0.config.maxProducers = 2
        }))
    let lanes = [
      PlannedLane(id: LaneID(0), topics: Array(topics[0...3]), maxMessageBytes: 1),
      PlannedLane(id: LaneID(1), topics: ["b"], maxMessageBytes: 2),
      PlannedLane(id: LaneID(2), topics: ["c1", "c2"], maxMessageBytes: 3),
    ]
    scenario.report(.planned(Scenario.plan(lanes)))
    scenario.report(.preflightPassed(PreflightReport()))
    for lane in lanes { scenario.report(.positioned(lane.id)) }
    #expect(Self.lanes(scenario).map(\.slots) == [3, 1])
    for topic in topics[0...2] { scenario.report(.topicStarted(topic, LaneID(0))) }
    scenario.report(.topicRestored("b", LaneID(1), Figures()))
    let work = Self.lanes(scenario)
    #expect(work.map(\.id.task) == [.lane(LaneID(0)), .lane(LaneID(2))])
    #expect(work.map(\.slots) == [3, 1])
  }

  @Test("All the parallelism that can be used is used")
  func slots() {
    var scenario = Scenario()
    scenario.send(
      .create(
        Scenario.document(topics: ["a", "b", "c", "d", "e"]) {
          $0.config.parallelism = 4
          $0.config.maxProducers = 2
        }))
    let lanes = [
      PlannedLane(id: LaneID(0), topics: ["a"], maxMessageBytes: 1),
      PlannedLane(id: LaneID(1), topics: ["b", "c", "d", "e"], maxMessageBytes: 2),
    ]
    scenario.report(.planned(Scenario.plan(lanes)))
    scenario.report(.preflightPassed(PreflightReport()))
    #expect(scenario.state.desiredWork(for: Scenario.orders).map(\.slots) == [1, 3])
    scenario.report(.positioned(LaneID(0)))
    scenario.report(.topicRestored("a", LaneID(0), Figures()))
    #expect(Self.lanes(scenario).map(\.slots) == [4])
  }
}

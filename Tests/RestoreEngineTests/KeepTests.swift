import Kafka
import RestoreModel
import TestSupport
import Testing
import Threads

@testable import LocalWork
@testable import RestoreEngine

@Suite("Keeping the positions of a lane that rests")
struct KeepTests {
  /// A lane whose worker stopped in the middle, under claim 1.
  private static func rested() async throws -> SimulatedRun {
    let run = try WorkQueueTests.run()
    let control = WorkControl(run.item(.lane(LaneID(0)), claim: 1, positioned: false))
    let commits = Locked(0)
    let outcome = try await run.work(
      run.item(.lane(LaneID(0)), claim: 1), control,
      steps: { step in
        guard step == .committed else { return .goOn }
        commits.withLock { $0 += 1 }
        if commits.withLock({ $0 }) == 2 { control.stop(.atCheckpoint) }
        return .goOn
      })
    #expect(outcome == .stopped)
    return run
  }

  private static func id(_ run: SimulatedRun) -> String { "\(run.group).0" }

  @Test("They are committed as they are, under the claim in force, by a take-over of the lane")
  func kept() async throws {
    let run = try await Self.rested()
    let before = try #require(run.position("orders"))
    let epoch = run.cluster.epoch(Self.id(run))
    let arrived = run.arrived("orders")
    #expect(try await run.work(run.item(.keep(LaneID(0)), claim: 2, positioned: true, recorded: 1)) == .finished)
    var expected = before
    expected.claim = Claim(2)
    #expect(run.position("orders") == expected)
    #expect(run.cluster.epoch(Self.id(run)) == epoch + 1)
    #expect(run.arrived("orders") == arrived)
    #expect(run.facts { if case .kept(let lane) = $0 { lane } else { nil } } == [LaneID(0)])
  }

  @Test("A newer claim is not even fenced")
  func superseded() async throws {
    let run = try await Self.rested()
    #expect(try await run.work(run.item(.keep(LaneID(0)), claim: 3, positioned: true, recorded: 1)) == .finished)
    let (position, epoch) = (run.position("orders"), run.cluster.epoch(Self.id(run)))
    #expect(try await run.work(run.item(.keep(LaneID(0)), claim: 2, positioned: true, recorded: 1)) == .superseded)
    #expect(run.position("orders") == position && run.cluster.epoch(Self.id(run)) == epoch)
  }

  @Test("Positions that are gone are told, and nothing is written in their place")
  func missing() async throws {
    let run = try await Self.rested()
    run.cluster.change(run.group) { $0 = [:] }
    let outcome = try await run.work(run.item(.keep(LaneID(0)), claim: 2, positioned: true, recorded: 1))
    let told = run.facts { if case .notKept(_, let fault) = $0 { fault } else { nil } }
    #expect(told.map(\.reason) == ["PositionsMissing"] && outcome == told.first.map { .failed($0) })
    #expect(run.facts { if case .failed(let fault) = $0 { fault } else { nil } }.isEmpty)
    #expect(run.position("orders") == nil)
  }

  @Test("In the queue they are kept again and again, and stop at once for other work of the lane")
  func queue() async throws {
    let run = try await Self.rested()
    var policy = run.policy
    policy.positionsRefresh = .milliseconds(100)
    let owner = WorkQueueTests.Owner(run, policy: policy)
    owner.want([run.item(.keep(LaneID(0)), claim: 2, positioned: true, recorded: 1)])
    #expect(try await owner.hears("kept", 3))
    owner.want([run.item(.lane(LaneID(0)), claim: 3, positioned: true, recorded: 1)])
    #expect(try await owner.hears("topicRestored"))
    await owner.queue.stopAll()
    #expect(run.arrived("orders").count == 500)
    #expect(!owner.names.contains("superseded") && !owner.names.contains("failed"), "\(owner.names)")
  }

  @Test("After a failure they are tried again much sooner than usual")
  func again() async throws {
    let run = try await Self.rested()
    let kept = run.cluster.positions(run.group)
    run.cluster.change(run.group) { $0 = [:] }
    var policy = run.policy
    policy.positionsRefresh = .seconds(2)
    let owner = WorkQueueTests.Owner(run, policy: policy)
    owner.want([run.item(.keep(LaneID(0)), claim: 2, positioned: true, recorded: 1)])
    #expect(try await owner.hears("notKept", 2))
    run.cluster.change(run.group) { $0 = kept }
    #expect(try await owner.hears("kept"))
    await owner.queue.stopAll()
  }

  @Test("A schedule is soon due for what is new, then once in the interval")
  func schedule() throws {
    let run = try WorkQueueTests.run()
    var schedule = KeepSchedule(interval: .seconds(96))
    let start = ContinuousClock.now
    let item = run.item(.keep(LaneID(0)), claim: 1, positioned: true)
    schedule.want([item, run.item(.verify, claim: 1)], of: run.key, now: start)
    func due(_ seconds: Int64) -> [WorkItem.ID] { schedule.due(now: start + .seconds(seconds)) }
    #expect(due(0).isEmpty)
    #expect(schedule.next(after: start) == start + .seconds(1))
    #expect(due(1) == [item.id])
    // Wanted still: what it was due at stays.
    schedule.want([item], of: run.key, now: start + .seconds(1))
    #expect(due(1) == [item.id])
    schedule.began(item.id)
    #expect(due(500).isEmpty)
    #expect(schedule.next(after: start) == nil)
    schedule.ended(item.id, kept: true, now: start + .seconds(2))
    #expect(schedule.next(after: start) == start + .seconds(98))
    #expect(due(97).isEmpty)
    #expect(due(98) == [item.id])
    schedule.began(item.id)
    schedule.ended(item.id, kept: false, now: start + .seconds(98))
    #expect(due(98).isEmpty)
    #expect(schedule.next(after: start) == start + .seconds(99))
    schedule.want([], of: run.key, now: start)
    #expect(due(1000).isEmpty)
    #expect(schedule.next(after: start) == nil)
  }

  @Test("However many lanes rest, four are kept at the same time at most, and all of them in the end")
  func bounded() async throws {
    let run = try await Self.rested()
    let standing = Monitor((now: 0, most: 0, open: false))
    var policy = run.policy
    policy.positionsRefresh = .milliseconds(1)
    let owner = WorkQueueTests.Owner(
      run,
      steps: StepPoints { step in
        guard step == .fetchedPositions else { return .goOn }
        standing.change {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        _ = standing.wait { $0.open ? true : nil }
        standing.change { $0.now -= 1 }
        return .goOn
      }, policy: policy)
    let lanes = (0..<12).map { LaneID($0) }
    owner.want(
      lanes.map { lane in
        var item = run.item(.keep(lane), claim: 2, positioned: true, recorded: 1)
        item.lanes = lanes.map { PlannedLane(id: $0, topics: item.lanes[0].topics, maxMessageBytes: 1_048_588) }
        return item
      })
    #expect(try await eventually { standing.read { $0.now } == KeepSchedule.most })
    standing.change { $0.open = true }
    #expect(
      try await eventually {
        let told = owner.facts.read { $0 }.compactMap { fact in
          if case .kept(let lane) = fact.content { lane } else { nil }
        }
        return Set(told).count == lanes.count
      })
    await owner.queue.stopAll()
    #expect(standing.read { $0.most } == KeepSchedule.most)
  }
}

import RestoreModel
import TestSupport
import Testing
import Threads

@testable import RestoreEngine

@Suite("A target that is deleted and made anew")
struct ReplacedTargetTests {
  private func expectReplaced(_ outcome: WorkOutcome, _ target: String) {
    guard case .failed(let fault) = outcome else {
      Issue.record("it went on: \(outcome)")
      return
    }
    #expect(fault.reason == "TargetReplaced" && fault.message.contains("\(target)-0"), "\(fault)")
  }

  @Test(
    "It fails the run that works on it, in its midst and at its end",
    arguments: [(.beganTransaction, 3, 3000), (.sentPositions, 2, 256 << 20)] as [(StepPoints.Step, Int, Int)])
  func atWork(_ step: StepPoints.Step, _ time: Int, _ bytes: Int) async throws {
    let cluster = SimulatedCluster()
    let run = try SimulatedRun(
      LaneTests.archive(), cluster, SimulatedRun.config(["orders"]),
      bounds: TransactionBounds(interval: .seconds(1), bytes: bytes))
    let times = Locked(0)
    let outcome = try await run.work(run.item(.lane(LaneID(0)), claim: 1)) { reached in
      if reached == step || (reached == .sentStartPositions && step == .sentPositions) {
        let isNow = times.withLock { times in
          times += 1
          return times == time
        }
        if isNow { cluster.makeAnew("orders-copy") }
      }
      return .goOn
    }
    expectReplaced(outcome, "orders-copy")
    #expect(run.arrived("orders").isEmpty && run.restored.isEmpty)
  }

  @Test("It fails the next worker, even if all of it was restored and others are not")
  func between() async throws {
    let archive = try TestArchive()
    for topic in ["a", "b"] { try archive.write(topic, [(0..<50).map { TestRecord(plain: $0) }]) }
    let run = try SimulatedRun(archive, SimulatedCluster(), SimulatedRun.config(["a", "b"]))
    let first = try await run.work(run.item(.lane(LaneID(0)), claim: 1, slots: 1)) {
      $0 == .committed ? .abandon : .goOn
    }
    #expect(first == .abandoned && run.restored.keys.sorted() == ["a-copy"])
    run.cluster.makeAnew("a-copy")
    var next = run.item(.lane(LaneID(0)), claim: 2, slots: 1)
    next.restoredTopics = ["a-copy"]
    expectReplaced(try await run.work(next), "a-copy")
    #expect(run.arrived("b").isEmpty)
  }
}

import LocalWork
import Logging
import RestoreModel
import TestSupport
import Testing
import Threads

@testable import RestoreEngine

@Suite("The work queue of one process")
struct WorkQueueTests {
  typealias Gate = Monitor<(stands: Bool, open: Bool)>

  /// A queue whose facts are gathered.
  final class Owner: Sendable {
    let run: SimulatedRun
    let queue: InProcessWorkQueue
    let facts = Monitor<[Fact]>([])

    init(_ run: SimulatedRun, steps: StepPoints = .none, policy: EnginePolicy? = nil) {
      self.run = run
      queue = InProcessWorkQueue(
        policy: policy ?? run.policy, logger: Logger("queue", to: MemoryLogSink()), steps: steps, sinks: run.sinks)
      Task { [facts, stream = queue.facts] in
        for await fact in stream { facts.change { $0.append(fact) } }
      }
    }

    func want(_ items: [WorkItem]) { queue.reconcile(run.key, items) }

    var names: [String] { facts.read { $0 }.map(\.name).filter { $0 != "progress" } }

    func hears(_ name: String, _ count: Int = 1) async throws -> Bool {
      try await eventually { names.count { $0 == name } >= count }
    }
  }

  static func archive() throws -> TestArchive {
    let archive = try TestArchive()
    try archive.write("orders", [(0..<500).map { TestRecord(plain: Int64($0)) }], limits: LaneTests.limits)
    return archive
  }

  static func run(bytes: Int = 2000) throws -> SimulatedRun {
    try SimulatedRun(
      archive(), SimulatedCluster(), SimulatedRun.config(["orders"]),
      bounds: TransactionBounds(interval: .seconds(1), bytes: bytes))
  }

  @Test("An item's new knowledge reaches the worker that runs; a finished one doesn't begin again")
  func updates() async throws {
    let owner = Owner(try Self.run())
    var item = owner.run.item(.lane(LaneID(0)), claim: 1, positioned: false)
    owner.want([item])
    #expect(try await owner.hears("positioned"))
    #expect(!owner.run.cluster.sentAnything)
    item.positioned = true
    owner.want([item])
    #expect(try await owner.hears("topicRestored"))
    #expect(owner.run.arrived("orders").count == 500)
    owner.want([item])
    owner.want([item])
    owner.want([])
    await owner.queue.stopAll()
    #expect(owner.names == ["positioned", "topicStarted", "topicRestored"])
  }

  @Test("A throttle that is lifted is lifted at once")
  func throttle() async throws {
    let owner = Owner(try Self.run(bytes: 1 << 20))
    var item = owner.run.item(.lane(LaneID(0)), claim: 1, positioned: false)
    item.spec.config.throttleBytesPerSecond = 100
    owner.want([item])
    #expect(try await owner.hears("positioned"))
    item.positioned = true
    owner.want([item])
    #expect(try await owner.hears("topicStarted"))
    #expect(owner.run.arrived("orders").count < 100)
    item.spec.config.throttleBytesPerSecond = nil
    owner.want([item])
    #expect(try await owner.hears("topicRestored"))
    await owner.queue.stopAll()
  }

  @Test("A seal waits for the worker before it, and that one stops at its next checkpoint")
  func seal() async throws {
    let gate = Gate((false, false))
    let run = try Self.run()
    let owner = Owner(
      run,
      steps: StepPoints { step in
        guard step == .sentRecords, !gate.read({ $0.open }) else { return .goOn }
        gate.change { $0.stands = true }
        _ = gate.wait { $0.open ? true : nil }
        return .goOn
      })
    var item = run.item(.lane(LaneID(0)), claim: 1, positioned: false)
    owner.want([item])
    #expect(try await owner.hears("positioned"))
    item.positioned = true
    owner.want([item])
    #expect(try await eventually { gate.read { $0.stands } })
    #expect(try await owner.hears("topicStarted"))
    owner.want([run.item(.seal(LaneID(0)), claim: 1, positioned: true)])
    #expect(owner.names == ["positioned", "topicStarted"])
    gate.change { $0.open = true }
    #expect(try await owner.hears("sealed"))
    #expect(owner.names == ["positioned", "topicStarted", "sealed"])
    let arrived = run.arrived("orders")
    #expect(!arrived.isEmpty && arrived.count < 500)
    #expect(run.position("orders")?.sent == (try digest(of: arrived)))
    // Resumed under a new claim, it goes on.
    owner.want([run.item(.lane(LaneID(0)), claim: 2, positioned: true)])
    #expect(try await owner.hears("topicRestored"))
    #expect(run.arrived("orders").count == 500)
    await owner.queue.stopAll()
  }

  @Test("What is reported after the end of the term is not heard, and all workers end")
  func stopAll() async throws {
    let owner = Owner(try Self.run())
    owner.want([owner.run.item(.lane(LaneID(0)), claim: 1, positioned: false)])
    #expect(try await owner.hears("positioned"))
    await owner.queue.stopAll()
    let names = owner.names
    // A new term begins on the same queue.
    owner.want([owner.run.item(.lane(LaneID(0)), claim: 2, positioned: true)])
    #expect(try await owner.hears("topicRestored"))
    #expect(names == ["positioned"])
    await owner.queue.stopAll()
  }

  @Test("A superseded worker that is still wanted tries again, and yields without fencing the newer one")
  func superseded() async throws {
    let run = try Self.run()
    #expect(try await run.work(run.item(.seal(LaneID(0)), claim: 5, positioned: false), records: false) == .finished)
    let owner = Owner(run)
    owner.want([run.item(.lane(LaneID(0)), claim: 4, positioned: true)])
    #expect(try await owner.hears("superseded", 1))
    let epoch = run.cluster.epoch(RunNames(prefix: "test.", uid: run.uid, run: 1).transactionalID(LaneID(0)))
    #expect(try await owner.hears("superseded", 2))
    #expect(run.cluster.epoch(RunNames(prefix: "test.", uid: run.uid, run: 1).transactionalID(LaneID(0))) == epoch)
    #expect(!run.cluster.sentAnything && run.position("orders")?.claim == Claim(5))
    await owner.queue.stopAll()
  }

  @Test("A seal of positions that exist needs no archive")
  func sealWithoutArchive() async throws {
    let run = try Self.run()
    let died = try await run.work(run.item(.lane(LaneID(0)), claim: 1)) { $0 == .committed ? .abandon : .goOn }
    #expect(died == .abandoned)
    let before = try #require(run.position("orders"))
    var item = run.item(.seal(LaneID(0)), claim: 2, positioned: true)
    item.source = .volume(path: "/nowhere")
    #expect(try await run.work(item) == .finished)
    let after = try #require(run.position("orders"))
    #expect(after.claim == Claim(2) && after.nextOffset == before.nextOffset && after.sent == before.sent)
  }

  @Test("An archive's topics are listed, or the reason why not is told")
  func listing() async throws {
    let owner = Owner(try Self.run())
    let listed = await owner.queue.archivedTopics(in: .volume(path: owner.run.archive.path), credentials: nil)
    #expect(try listed.get() == ["orders"])
    let refused = await owner.queue.archivedTopics(in: .volume(path: "/etc"), credentials: nil)
    guard case .failure(let rejection) = refused else {
      Issue.record("a folder outside the roots was listed")
      return
    }
    #expect(rejection.reason == .unavailable)
  }
}

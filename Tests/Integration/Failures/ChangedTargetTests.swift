import Kafka
import LocalBroker
import Logging
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

/// What is done to a target topic while a run restores into it.
@Suite("A target that changes in mid-run")
struct ChangedTargetTests {
  typealias Expect = RestoreExpectations

  /// A run that stands still, some of its records committed.
  struct Scene {
    let broker: Broker
    let archive: TestArchive
    let target: String
    let records: [TestRecord]
    let gate: Gate
    let harness: RestoreHarness

    init(_ gate: Gate = Gate(.committed, 2), partitions: Int = 2) async throws {
      self.gate = gate
      broker = try await Broker.shared(.apache)
      archive = try TestArchive()
      records = Expect.varied(2000, size: 3)
      try archive.write("orders", Array(repeating: records, count: partitions))
      target = try await broker.makeTopic("target", partitions: Int32(partitions))
      harness = RestoreHarness(
        broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]),
        transactions: TransactionBounds(interval: .seconds(1), bytes: 20_000, timeout: .seconds(20)), steps: gate.steps)
      try await harness.prepare()
      harness.want(.lanes)
      try await gate.awaitArrival()
    }

    func administer<Result: Sendable>(_ body: @escaping @Sendable (Admin) throws -> Result) async throws -> Result {
      let admin = try Admin(broker.configuration)
      return try await admin.onThread { admin in
        defer { admin.close() }
        return try body(admin)
      }
    }

    func delete() async throws {
      try await administer { [target] in try $0.deleteTopics([target], timeout: .seconds(30)) }
    }

    func makeAnew(partitions: Int32 = 2) async throws {
      try await delete()
      try await make(partitions: partitions)
    }

    func make(partitions: Int32 = 2) async throws {
      try await administer { [target] admin in
        try admin.createTopics(
          [NewTopic(target, partitions: partitions, configuration: ["retention.ms": "-1"])], timeout: .seconds(30))
      }
    }

    /// Of all partitions, as a reader of committed records sees them.
    func visible() async throws -> Int {
      var count = 0
      for partition in [Int32(0), 1] { count += try await broker.readAll(TopicPartition(target, partition)).count }
      return count
    }

    func expectEveryRecordOnce(_ harness: RestoreHarness) async throws {
      try await harness.finish()
      #expect(harness.now.faults == [])
      for partition in [Int32(0), 1] { try await Expect.expect(records, in: broker, target, partition) }
      let receipt = try await harness.verify()
      #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    }

    func failure() async throws -> RunFault {
      try await harness.wait("the failure", within: .seconds(120)) { $0.faults.first }
    }

    /// As `Retry` does it.
    func retry() {
      harness.raiseClaim()
      harness.want(.lanes)
    }
  }

  @Test("Deleted, it fails the run by name", .broker(.stablePositions))
  func deleted() async throws {
    let scene = try await Scene()
    try await scene.delete()
    scene.gate.open()
    let fault = try await scene.failure()
    #expect(fault.reason == "UnknownTopic" && fault.message.contains(scene.target), "\(fault)")
    #expect(scene.harness.now.restored.isEmpty)
    await scene.harness.stop()
  }

  /// As a target looks that was made a moment ago, to a broker that has not heard of it.
  @Test("Unknown for a moment before anything is restored, it is asked for again", .broker(.stablePositions))
  func unknownAtFirst() async throws {
    let scene = try await Scene(Gate(.tookOver, 1))
    try await scene.delete()
    scene.gate.open()
    let isMissed = try await eventually(within: .seconds(60)) {
      scene.harness.logs.lines.contains { $0.contains("trying again") && $0.contains("UnknownTopic") }
    }
    try #require(isMissed)
    try await scene.make()
    try await scene.expectEveryRecordOnce(scene.harness)
    await scene.harness.stop()
  }

  @Test("Missing for good before anything is restored, it fails the run by name", .broker(.stablePositions))
  func missing() async throws {
    let scene = try await Scene(Gate(.tookOver, 1))
    try await scene.delete()
    scene.gate.open()
    let fault = try await scene.failure()
    #expect(fault.reason == "UnknownTopic" && fault.message.contains("create the target"), "\(fault)")
    await scene.harness.stop()
  }

  @Test(
    "Deleted and made anew, it gets nothing from the middle of the archive, not by a retry either, and the run fails",
    .broker(.stablePositions),
    arguments: [(.committed, 2), (.sentRecords, 3), (.sentPositions, 3)] as [(StepPoints.Step, Int)])
  func anew(_ step: StepPoints.Step, _ time: Int) async throws {
    let scene = try await Scene(Gate(step, time))
    try await scene.makeAnew()
    scene.gate.open()
    let fault = try await scene.failure()
    #expect(["TargetReplaced", "PositionsMissing"].contains(fault.reason), "\(fault)")
    #expect(fault.message.contains(scene.target), "\(fault)")
    #expect(try await scene.visible() == 0)
    scene.retry()
    let again = try await scene.failure()
    #expect(["TargetReplaced", "PositionsMissing"].contains(again.reason), "\(again)")
    #expect(try await scene.visible() == 0)
    #expect(scene.harness.now.restored.isEmpty)
    await scene.harness.stop()
  }

  @Test(
    "Its max.message.bytes lowered, the run fails and says so; raised again, a retry goes on where it stopped",
    .broker(.stablePositions))
  func smaller() async throws {
    let scene = try await Scene()
    func set(_ bytes: Int) async throws {
      try await scene.administer { [target = scene.target] admin in
        try admin.setConfig(ofTopic: target, ["max.message.bytes": "\(bytes)"], timeout: .seconds(30))
      }
    }
    try await set(100)
    scene.gate.open()
    let fault = try await scene.failure()
    #expect(fault.reason == "RecordTooLarge" && fault.message.contains(scene.target), "\(fault)")
    #expect(fault.message.contains("max.message.bytes"), "\(fault)")
    try await set(1_000_000)
    scene.retry()
    try await scene.expectEveryRecordOnce(scene.harness)
    await scene.harness.stop()
  }

  @Test(
    "Partitions added to it stay empty and stop nothing, not the next worker either", .broker(.stablePositions),
    arguments: [false, true])
  func grown(isTakenOver: Bool) async throws {
    let scene = try await Scene()
    try scene.broker.growTopic(scene.target, to: 3)
    var harness = scene.harness
    if isTakenOver {
      harness = scene.harness.successor()
      harness.want(.lanes)
    } else {
      scene.gate.open()
    }
    try await scene.expectEveryRecordOnce(harness)
    #expect(try await scene.broker.readAll(TopicPartition(scene.target, 2)).isEmpty)
    scene.gate.open()
    for harness in [harness, scene.harness] { await harness.stop() }
  }

  @Test(
    "Partitions added before anything was restored fail the preflight of the topic's turn", .broker(.stablePositions))
  func grownBefore() async throws {
    let scene = try await Scene(Gate(.committedStartPositions, 1))
    try scene.broker.growTopic(scene.target, to: 3)
    scene.gate.open()
    let fault = try await scene.failure()
    #expect(
      fault.reason == "PreflightFailed" && fault.message.contains("\(scene.target): the target has 3 partitions"),
      "\(fault)")
    await scene.harness.stop()
  }
}

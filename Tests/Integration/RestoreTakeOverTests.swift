import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

/// Workers that die, stand still and are overtaken, on a broker that fences and keeps positions stable.
@Suite("Taking a lane over")
struct RestoreTakeOverTests {
  typealias Expect = RestoreExpectations

  /// Several transactions of some records each.
  static let bounds = TransactionBounds(interval: .seconds(1), bytes: 20_000)

  struct Scene {
    let broker: Broker
    let archive: TestArchive
    let target: String
    let records: [TestRecord]
    let path: RecordPath

    init(_ kind: BrokerKind = .apache, _ path: RecordPath = .auto) async throws {
      self.path = path
      broker = try await Broker.shared(kind)
      archive = try TestArchive()
      records = Expect.varied(2000, size: 3)
      try archive.write("orders", [records, records])
      target = try await broker.makeTopic("target", partitions: 2)
    }

    func harness(steps: StepPoints = .none) -> RestoreHarness {
      var config = Expect.config([("orders", target)])
      config.recordPath = path
      return RestoreHarness(
        broker.node.bootstrapServers, archive, config: config, transactions: bounds, steps: steps)
    }

    func expectEveryRecordOnce(_ harness: RestoreHarness) async throws {
      for partition in [Int32(0), 1] { try await Expect.expect(records, in: broker, target, partition) }
      let receipt = try await harness.verify()
      #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    }
  }

  /// Says `decide` to the `time`th arrival at a step, and goes on at all others.
  static func at(
    _ step: StepPoints.Step, _ time: Int, _ decide: @escaping @Sendable () -> StepPoints.Decision
  ) -> StepPoints {
    let times = Locked(0)
    return StepPoints { reached in
      guard reached == step else { return .goOn }
      let isNow = times.withLock { times in
        times += 1
        return times == time
      }
      return isNow ? decide() : .goOn
    }
  }

  @Test(
    "A worker that dies at any step is followed by one that sends every record once", .broker(.stablePositions),
    arguments: [
      (.tookOver, 1), (.sentStartPositions, 1), (.committedStartPositions, 1), (.beganTransaction, 2),
      (.sentRecords, 2), (.drained, 2), (.sentPositions, 1), (.sentPositions, 2), (.committed, 2),
    ] as [(StepPoints.Step, Int)], RecordPath.allCases)
  func kill(_ arrival: (StepPoints.Step, Int), _ path: RecordPath) async throws {
    let (step, time) = arrival
    let scene = try await Scene(.apache, path)
    let died = Monitor(false)
    let first = scene.harness(
      steps: Self.at(step, time) {
        died.change { $0 = true }
        return .abandon
      })
    try await first.prepare()
    first.want(.lanes)
    let hasDied = try await NamedThread.run("wait") { died.wait(timeout: .seconds(60)) { $0 ? true : nil } }
    #expect(hasDied == true)
    let second = first.successor()
    second.want(.lanes)
    try await second.finish()
    #expect(second.now.faults == [])
    try await scene.expectEveryRecordOnce(second)
    await first.stop()
    await second.stop()
  }

  @Test(
    "A worker that stood still while it was overtaken writes nothing more", .broker(.stablePositions),
    arguments: [StepPoints.Step.beganTransaction, .sentRecords, .drained, .sentPositions, .committed],
    RecordPath.allCases)
  func zombie(_ step: StepPoints.Step, _ path: RecordPath) async throws {
    let scene = try await Scene(.apache, path)
    let gate = Monitor((stands: false, open: false))
    let first = scene.harness(
      steps: Self.at(step, 2) {
        gate.change { $0.stands = true }
        _ = gate.wait { $0.open ? true : nil }
        return .goOn
      })
    try await first.prepare()
    first.want(.lanes)
    let stands = try await NamedThread.run("wait") { gate.wait(timeout: .seconds(60)) { $0.stands ? true : nil } }
    #expect(stands == true)
    let second = first.successor()
    second.want(.lanes)
    try await second.finish()
    gate.change { $0.open = true }
    try await first.wait("the old worker's end") { $0.superseded > 0 ? true : nil }
    try await scene.expectEveryRecordOnce(second)
    // It tries again, since its own owner knows no better; and yields to the higher claim without a fence.
    try await first.wait("its second try", within: .seconds(60)) { $0.superseded > 1 ? true : nil }
    #expect(first.now.faults == [] && second.now.faults == [] && second.now.superseded == 0)
    await first.stop()
    await second.stop()
  }

  @Test(
    "A run that one sink began the other one takes over, and every record is there once", .broker(.stablePositions),
    arguments: [StepPoints.Step.sentRecords, .sentPositions, .committed], RecordPath.allCases)
  func otherSink(_ step: StepPoints.Step, _ path: RecordPath) async throws {
    let scene = try await Scene(.apache, path)
    let died = Monitor(false)
    let first = scene.harness(
      steps: Self.at(step, 3) {
        died.change { $0 = true }
        return .abandon
      })
    try await first.prepare()
    first.want(.lanes)
    let hasDied = try await NamedThread.run("wait") { died.wait(timeout: .seconds(60)) { $0 ? true : nil } }
    #expect(hasDied == true)
    let second = first.successor()
    second.state.change { $0.spec.config.recordPath = path == .auto ? .perRecord : .auto }
    second.want(.lanes)
    try await second.finish()
    #expect(second.now.faults == [])
    let figures = try #require(second.now.restored[TopicName(scene.target)])
    #expect((figures.batches == BatchCounts()) == (path == .auto))
    try await scene.expectEveryRecordOnce(second)
    await first.stop()
    await second.stop()
  }

  @Test("A pause is quiet, and a resume goes on where it stopped", .broker(), arguments: BrokerKind.here())
  func pause(_ kind: BrokerKind) async throws {
    let scene = try await Scene(kind)
    let harness = scene.harness()
    harness.state.change { $0.spec.config.throttleBytesPerSecond = 20_000 }
    try await harness.prepare()
    harness.want(.lanes)
    try await harness.wait("some progress") { $0.progress > 1 ? true : nil }
    harness.want(.seal(forDeletion: false))
    let warning = try await harness.wait("the seal") { $0.sealed[LaneID(0)] }
    #expect(warning == nil)
    let before = try await scene.broker.readAll(TopicPartition(scene.target, 0)).count
    #expect(before < 2000 && harness.now.restored.isEmpty)
    harness.raiseClaim()
    harness.state.change { $0.spec.config.throttleBytesPerSecond = nil }
    #expect(try await scene.broker.readAll(TopicPartition(scene.target, 0)).count == before)
    harness.want(.lanes)
    try await harness.finish()
    #expect(harness.now.faults == [])
    let figures = try #require(harness.now.restored[TopicName(scene.target)])
    #expect(figures.recordsRestored == 4000)
    try await scene.expectEveryRecordOnce(harness)
    await harness.stop()
  }

  @Test("A broker that is killed in the middle and comes back loses and doubles nothing", .broker(.durability))
  func brokerDies() async throws {
    let broker = try await Broker.own(.apache)
    let archive = try TestArchive()
    let records = Expect.varied(6000, size: 3)
    try archive.write("orders", [records])
    let target = try await broker.makeTopic("target")
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]), transactions: Self.bounds)
    harness.state.change { $0.spec.config.throttleBytesPerSecond = 20_000 }
    try await harness.prepare()
    harness.want(.lanes)
    try await harness.wait("some progress") { $0.progress > 1 ? true : nil }
    await broker.node.kill()
    try await harness.wait("a wait for the sink") { $0.waits.isEmpty ? nil : true }
    try await broker.node.start()
    harness.state.change { $0.spec.config.throttleBytesPerSecond = nil }
    harness.want(.lanes)
    try await harness.wait("the end", within: .seconds(120)) { $0.restored.isEmpty && $0.faults.isEmpty ? nil : true }
    #expect(harness.now.faults == [] && harness.now.waits.allSatisfy { $0.reason == "SinkUnreachable" })
    try await Expect.expect(records, in: broker, target)
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    await harness.stop()
    broker.node.killNow()
  }

  @Test("A seal for a deletion goes on with a warning when the sink is gone", .broker())
  func sealWithoutSink() async throws {
    let broker = try await Broker.own(BrokerKind.here()[0])
    let archive = try TestArchive()
    try archive.write("orders", [Expect.varied(10)])
    let target = try await broker.makeTopic("target")
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]))
    try await harness.prepare()
    await broker.node.kill()
    harness.want(.seal(forDeletion: true))
    let warning = try await harness.wait("the seal", within: .seconds(120)) { $0.sealed[LaneID(0)] }
    #expect(warning?.contains("was not sealed") == true)
    await harness.stop()
  }

  @Test(
    "A sink that has become another cluster gets nothing: no position, no record, and the run fails with both named",
    .broker(.stablePositions))
  func otherCluster() async throws {
    let scene = try await Scene()
    let elsewhere = try await Broker.shared(.noida)
    let admin = try Admin(elsewhere.configuration)
    try await admin.onThread { [target = scene.target] admin in
      defer { admin.close() }
      try admin.createTopics([NewTopic(target, partitions: 2)], timeout: .seconds(20))
    }
    let first = scene.harness()
    try await first.prepare()
    let planned = try #require(first.now.plan?.clusterID)
    let second = first.successor(sink: elsewhere.node.bootstrapServers)
    second.want(.lanes)
    let fault = try await second.wait("the refusal") { $0.faults.first }
    #expect(fault.reason == "SinkChanged" && fault.message.contains(planned), "\(fault)")
    for partition in [Int32(0), 1] {
      #expect(try await elsewhere.readAll(TopicPartition(scene.target, partition)).isEmpty)
    }
    #expect(second.now.positioned.isEmpty)
    // Named again, the run goes on.
    let third = first.successor()
    third.want(.lanes)
    try await third.finish()
    try await scene.expectEveryRecordOnce(third)
    for harness in [first, second, third] { await harness.stop() }
  }

  @Test(
    "An archive that grows while a run is unfinished adds nothing to the run, and stops nothing",
    .broker(.stablePositions))
  func growing() async throws {
    let scene = try await Scene()
    let died = Monitor(false)
    let first = scene.harness(
      steps: Self.at(.committed, 2) {
        died.change { $0 = true }
        return .abandon
      })
    try await first.prepare()
    first.want(.lanes)
    let hasDied = try await NamedThread.run("wait") { died.wait(timeout: .seconds(60)) { $0 ? true : nil } }
    #expect(hasDied == true)
    var later = Expect.varied(50)
    for index in later.indices { later[index].offset += 10_000 }
    // And the source topic has got a partition more.
    try scene.archive.write("orders", [later, later, later])
    let second = first.successor()
    second.want(.lanes)
    try await second.finish()
    #expect(second.now.faults == [])
    try await scene.expectEveryRecordOnce(second)
    for harness in [first, second] { await harness.stop() }
  }
}

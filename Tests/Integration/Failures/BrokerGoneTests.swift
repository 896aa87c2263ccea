import JSON
import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

private enum Sink {
  static let broker = Task { try await Broker.own(.apache) }
}

/// One sink of their own, so they run one after the other, and each leaves it running.
@Suite("A sink that goes and comes back", .serialized, .mending { try await Sink.broker.value })
struct BrokerGoneTests {
  typealias Expect = RestoreExpectations

  struct Scene {
    let broker: Broker
    let target: String
    let records: [TestRecord]
    let harness: RestoreHarness

    /// A run that has committed some of its records, and takes its time.
    init(_ transactions: TransactionBounds = RestoreTakeOverTests.bounds, patience: Duration = .seconds(600))
      async throws
    {
      broker = try await Sink.broker.value
      let archive = try TestArchive()
      records = Expect.varied(3000, size: 3)
      try archive.write("orders", [records, records])
      target = try await broker.makeTopic("target", partitions: 2)
      harness = RestoreHarness(
        broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]), transactions: transactions,
        patience: patience)
      harness.state.change { $0.spec.config.throttleBytesPerSecond = 5_000 }
      try await harness.prepare()
      harness.want(.lanes)
      try await harness.wait("some progress") { $0.progress > 1 ? true : nil }
    }

    func hurry() {
      harness.state.change { $0.spec.config.throttleBytesPerSecond = nil }
      harness.want(.lanes)
    }

    func expectEveryRecordOnce() async throws {
      try await harness.wait("the end", within: .seconds(120)) {
        $0.restored.isEmpty && $0.faults.isEmpty ? nil : true
      }
      #expect(harness.now.faults == [])
      for partition in [Int32(0), 1] { try await Expect.expect(records, in: broker, target, partition) }
      let receipt = try await harness.verify()
      #expect(receipt.verdict == .digestsMatch, "\(receipt)")
      await harness.stop()
    }
  }

  @Test("Restarted in order, it costs a run nothing: every record exactly once", .broker(.durability))
  func restarted() async throws {
    let scene = try await Scene()
    await scene.broker.node.stop()
    try #require(scene.harness.now.restored.isEmpty)
    try await scene.broker.node.start()
    scene.hurry()
    try await scene.expectEveryRecordOnce()
  }

  @Test("Frozen, it is waited for, in words, and the run goes on when it wakes", .broker(.durability))
  func frozen() async throws {
    let scene = try await Scene()
    scene.broker.node.freeze()
    defer { scene.broker.node.thaw() }
    let wait = try await scene.harness.wait("a wait for the sink", within: .seconds(120)) { $0.waits.first }
    #expect(wait.reason == "SinkUnreachable")
    scene.broker.node.thaw()
    scene.hurry()
    try await scene.expectEveryRecordOnce()
  }

  @Test(
    "Gone for longer than the run is patient, it fails the run, with the reason; a retry goes on where it stopped",
    .broker(.durability))
  func gone() async throws {
    let bounds = TransactionBounds(interval: .seconds(1), bytes: 20_000, timeout: .seconds(10))
    let scene = try await Scene(bounds, patience: .seconds(2))
    await scene.broker.node.kill()
    let fault = try await scene.harness.wait("the end of patience", within: .seconds(120)) { $0.faults.first }
    #expect(fault.reason == "SinkUnreachable", "\(fault)")
    #expect(fault.message.contains("tried again for 2 s"), "\(fault)")
    #expect(fault.message.contains(scene.broker.node.bootstrapServers), "\(fault)")
    try await scene.broker.node.start()
    scene.harness.raiseClaim()
    scene.hurry()
    try await scene.expectEveryRecordOnce()
  }

  @Test(
    "Source, control topics and sink on three clusters, the sink away for a while: the restore finishes by itself",
    .broker(.durability))
  func threeClusters() async throws {
    let source = try await Broker.require()
    let sink = try await Sink.broker.value
    let topic = try await SampleTopic.make(on: source, records: 2000, valueBytes: 100)
    let target = try await sink.makeTopic("target", partitions: 3)
    let thaw = try await Installation(on: try await Broker.shared(.apache))
    try #require(Set([source, sink, thaw.broker].map(\.bootstrapServers)).count == 3)
    try await thaw.thaw("archive", topic, "--to", thaw.archive, "-b", source.bootstrapServers)
    let service = try thaw.serve()
    func documents(_ bytesPerSecond: Int) -> String {
      thaw.documents(
        "move",
        config: "{throttle: {bytesPerSecond: \(bytesPerSecond)}, topics: [{source: \(topic), target: \(target)}]}"
      ).replacing(thaw.servers, with: sink.bootstrapServers)
    }
    try await thaw.thaw("apply", "-f", "-", input: documents(4_000))
    try await thaw.awaitProgress("move", beyond: 0)
    await sink.node.kill()
    let told = try await eventually(within: .seconds(120)) {
      let status = try await thaw.get("restore", "move")?["status"]
      let job = status?["conditions"]?.array?.first { $0["type"]?.string == "JobCompleted" }
      return status?["phase"]?.string == "Restoring" && job?["message"]?.string?.hasPrefix("Waiting: ") == true
    }
    #expect(told, "\(thaw.log)")
    try await sink.node.start()
    try await thaw.thaw("apply", "-f", "-", input: documents(100_000_000))
    try await thaw.thaw("wait", "move", "--for", "Done", "--timeout", "110s")
    try await thaw.thaw("wait", "move", "--for", "condition=Verified", "--timeout", "60s")
    try await expectEqual(topic, target, on: source, targetBroker: sink)
    let types = try await thaw.events("move").compactMap { $0["type"]?.string }
    #expect(types.count { $0 == "RunStarted" } == 1 && !types.contains("RunFailed"), "\(types)")
    service.send(15)
    #expect(await service.ended() == .exited(code: 0), "\(thaw.log)")
  }
}

import Glibc
import JSON
import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

/// What becomes of a run with its positions, which only the sink has.
@Suite("Positions in the sink")
struct PositionsTests {
  typealias Expect = RestoreExpectations

  /// Paused in the middle: some records are restored, the lane is sealed.
  private static func paused(_ broker: Broker, positionsRefresh: Duration) async throws -> (RestoreHarness, String) {
    let archive = try TestArchive()
    try archive.write("orders", [records])
    let target = try await broker.makeTopic("target")
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]),
      transactions: RestoreTakeOverTests.bounds, positionsRefresh: positionsRefresh)
    harness.state.change { $0.spec.config.throttleBytesPerSecond = 20_000 }
    try await harness.prepare()
    harness.want(.lanes)
    try await harness.wait("some progress") { $0.progress > 1 ? true : nil }
    harness.want(.seal(forDeletion: false))
    try await harness.wait("the seal") { $0.sealed[LaneID(0)] }
    harness.state.change { $0.spec.config.throttleBytesPerSecond = nil }
    return (harness, target)
  }

  private static let records = Expect.varied(2000, size: 3)

  @Test(
    "They come first: the target gets no record before the control topics know of them, and a seal of theirs neither",
    .broker(.stablePositions))
  func first() async throws {
    let broker = try await Broker.shared(.apache)
    let archive = try TestArchive()
    try archive.write("orders", [Self.records])
    let target = try await broker.makeTopic("target")
    let deaf = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]), hearsPositions: false)
    try await deaf.prepare()
    deaf.want(.lanes)
    let group = deaf.group
    let partition = TopicPartition(target, 0)
    let areThere = try await eventually(within: .seconds(60)) {
      try await Admin(broker.configuration).onThread { admin in
        defer { admin.close() }
        return try !admin.committedPositions(of: group, partitions: [partition], timeout: .seconds(30)).isEmpty
      }
    }
    #expect(areThere)
    // Pausing waits for the worker, which waits for the news, and then takes the lane over: whatever it could send it would have sent by then.
    deaf.want(.seal(forDeletion: false))
    try await deaf.wait("the seal") { $0.sealed[LaneID(0)] }
    let end = try await Admin(broker.configuration).onThread { admin in
      defer { admin.close() }
      return try admin.watermarks(of: partition, isolation: .readUncommitted, timeout: .seconds(30)).high
    }
    #expect(end == 0 && deaf.now.started == [], "positions are in the group's topic, records in the target")
    let next = deaf.successor()
    next.want(.lanes)
    try await next.finish()
    try await Expect.expect(Self.records, in: broker, target)
    for harness in [deaf, next] { await harness.stop() }
  }

  @Test(
    "A paused run outlives offsets.retention.minutes, as its positions are committed again; one whose are not fails",
    .broker(.durability))
  func retention() async throws {
    let broker = try await Broker.own(
      .apache, properties: ["offsets.retention.minutes": "1", "offsets.retention.check.interval.ms": "1000"])
    let (kept, target) = try await Self.paused(broker, positionsRefresh: .seconds(10))
    let (left, _) = try await Self.paused(broker, positionsRefresh: .seconds(86_400))
    kept.want(.keep)
    left.want(.keep)
    let forgotten = left.group
    let isForgotten = try await eventually(within: .seconds(150)) {
      try await Admin(broker.configuration).onThread { admin in
        defer { admin.close() }
        return try !admin.listGroups(timeout: .seconds(20)).contains(forgotten)
      }
    }
    #expect(isForgotten, "the broker forgets positions that nobody commits")
    #expect(kept.now.kept > 3 && kept.now.notKept == [] && left.now.kept == 0)
    for harness in [kept, left] {
      harness.raiseClaim()
      harness.want(.lanes)
    }
    try await kept.finish()
    #expect(kept.now.faults == [])
    try await Expect.expect(Self.records, in: broker, target)
    #expect(try await kept.verify().verdict == .digestsMatch)
    let fault = try await left.wait("its end") { $0.faults.first }
    #expect(fault.reason == "PositionsMissing" && fault.message.contains("offsets.retention.minutes"), "\(fault)")
    for harness in [kept, left] { await harness.stop() }
    broker.node.killNow()
  }

  @Test("Deleted while the run is paused, they fail it when it is resumed, and it says so", .broker(.stablePositions))
  func deleted() async throws {
    let scene = try await KillMatrixTests.Scene()
    let thaw = scene.thaw
    let service = try scene.restart()
    try await thaw.thaw("apply", "-f", "-", input: scene.documents(bytesPerSecond: 2_000))
    try await thaw.awaitProgress("orders", beyond: 0)
    try await thaw.thaw("pause", "orders", "--timeout", "60s")
    try await thaw.thaw("wait", "orders", "--for", "Paused", "--timeout", "60s")
    let document = try #require(try await thaw.get("restore", "orders"))
    let uid = try #require(document["metadata"]?["uid"]?.string)
    try thaw.broker.deleteGroup("\(thaw.prefix)\(uid).1")
    let before = try await thaw.broker.readAll(TopicPartition(scene.target, 0)).count
    try await thaw.thaw("resume", "orders", "--timeout", "60s")
    try await thaw.thaw("wait", "orders", "--for", "Failed", "--timeout", "60s")
    let status = try await thaw.get("restore", "orders")?["status"]
    let failed = status?["conditions"]?.array?.first { $0["type"]?.string == "Failed" }
    #expect(failed?["reason"]?.string == "PositionsMissing")
    let message = failed?["message"]?.string ?? ""
    #expect(message.contains("nobody knows what was restored"), "\(message)")
    #expect(try await thaw.broker.readAll(TopicPartition(scene.target, 0)).count == before)
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0), "\(thaw.log)")
  }

  @Test(
    "A transaction that the broker has ended meanwhile is followed by a new handle and a take-over: every record once",
    .broker(.durability))
  func timedOut() async throws {
    let broker = try await Broker.own(
      .apache, properties: ["transaction.abort.timed.out.transaction.cleanup.interval.ms": "500"])
    let archive = try TestArchive()
    try archive.write("orders", [Self.records])
    let target = try await broker.makeTopic("target")
    let gate = Gate(.drained, 2)
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]),
      transactions: TransactionBounds(interval: .seconds(1), bytes: 20_000, timeout: .seconds(2)), steps: gate.steps)
    try await harness.prepare()
    harness.want(.lanes)
    try await gate.awaitArrival()
    // Its records are there, and then are aborted: another reader's position passes them.
    let isEnded = try await eventually(within: .seconds(60)) {
      try await Admin(broker.configuration).onThread { admin in
        defer { admin.close() }
        let partition = TopicPartition(target, 0)
        let stable = try admin.watermarks(of: partition, isolation: .readCommitted, timeout: .seconds(30)).high
        return stable == (try admin.watermarks(of: partition, isolation: .readUncommitted, timeout: .seconds(30)).high)
      }
    }
    #expect(isEnded, "the broker aborts it")
    gate.open()
    try await harness.finish()
    #expect(harness.now.faults == [])
    try await Expect.expect(Self.records, in: broker, target)
    #expect(try await harness.verify().verdict == .digestsMatch)
    await harness.stop()
    broker.node.killNow()
  }
}

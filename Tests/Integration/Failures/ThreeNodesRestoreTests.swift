import JSON
import Kafka
import LocalBroker
import RestoreModel
import TestSupport
import Testing

extension ThreeNodesTests {
  enum Place: String, CaseIterable, CustomTestStringConvertible {
    case targetLeader, laneCoordinator
    var testDescription: String { rawValue }
  }

  @Test(
    "A node killed -9 and started again in mid-restore: every record exactly once, in order, verified",
    .broker(.threeNodes), arguments: Place.allCases, RecordPath.allCases)
  func restore(place: Place, path: RecordPath) async throws {
    let broker = try await Broker.threeNodes()
    let records = 8000
    let source = try await SampleTopic.make(on: broker, records: records, valueBytes: 200)
    let target = try await broker.makeTopic("target", partitions: 3)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve("--instance", "one")
    func documents(_ bytesPerSecond: Int) -> String {
      thaw.documents(
        "orders",
        config:
          "{recordPath: \(path.rawValue), throttle: {bytesPerSecond: \(bytesPerSecond)}, topics: [{source: \(source), target: \(target)}]}"
      )
    }
    try await thaw.thaw("apply", "-f", "-", "--timeout", "60s", input: documents(15_000))
    try await thaw.awaitProgress("orders", beyond: 0)

    let node: BrokerNode
    switch place {
    case .targetLeader: node = try await Self.leader(of: TopicPartition(target, 0), in: broker)
    case .laneCoordinator:
      let status = try #require(try await thaw.get("restore", "orders")?["status"])
      let lane = try #require(status["controller"]?["lanes"]?.array?.first?["id"]?.int)
      let (uid, run) = (try #require(status["uid"]?.string), try #require(status["run"]?.int))
      node = try await Self.coordinator(ofTransactions: "\(thaw.prefix)\(uid).\(run).\(lane)", in: broker)
    }
    await node.kill()
    let seen = try await thaw.awaitProgress("orders", beyond: 0)
    try await thaw.awaitProgress("orders", beyond: seen)
    try await Self.restart(node, of: broker)
    try #require(try await thaw.restored("orders") < Int64(2 * records), "the node was away in mid-restore")
    try await thaw.thaw("apply", "-f", "-", "--timeout", "60s", input: documents(100_000_000))
    try await thaw.thaw("wait", "orders", "--for", "Done", "--timeout", "110s")
    try await thaw.thaw("wait", "orders", "--for", "condition=Verified", "--timeout", "110s")
    try await expectEqual(source, target, on: broker)
    let types = try await thaw.events("orders").compactMap { $0["type"]?.string }
    #expect(types.count { $0 == "RunStarted" } == 1)
    #expect(types.count { $0 == "TopicRestored" } == 1)
    #expect(types.count { $0 == "RunCompleted" } == 1)
    service.send(15)
    #expect(await service.ended() == .exited(code: 0), "\(thaw.log)")
  }
}

extension Installation {
  /// Records restored so far, as the status says.
  func restored(_ name: String) async throws -> Int64 {
    try await get("restore", name)?["status"]?["progress"]?["recordsRestored"]?.int ?? 0
  }

  /// Waits until more than `count` records are restored; returns how many.
  @discardableResult
  func awaitProgress(_ name: String, beyond count: Int64) async throws -> Int64 {
    var now: Int64 = 0
    let moved = try await eventually(within: .seconds(120)) {
      now = try await restored(name)
      return now > count
    }
    try #require(moved, "the restore \(name) goes on beyond \(count): \(log)")
    return now
  }
}

import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing

/// Whatever has become of the target, its verification comes to a result.
@Suite("A verification that finds its target or its positions gone")
struct VerificationEndTests {
  typealias Expect = RestoreExpectations

  private static func restored(_ partitions: Int32 = 1) async throws -> (Broker, RestoreHarness, target: String) {
    let broker = try await Broker.require([.stablePositions])
    let archive = try TestArchive()
    try archive.write("orders", Array(repeating: Expect.varied(100), count: Int(partitions)))
    let target = try await broker.makeTopic("target", partitions: partitions)
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]))
    try await harness.restore()
    #expect(harness.now.faults == [])
    return (broker, harness, target)
  }

  private static func positions(
    _ broker: Broker, _ harness: RestoreHarness, _ target: String, _ partitions: Int32
  ) async throws -> [TopicPartition: CommittedPosition] {
    let group = harness.group
    return try await Admin(broker.configuration).onThread { admin in
      defer { admin.close() }
      return try admin.committedPositions(
        of: group, partitions: (0..<partitions).map { TopicPartition(target, $0) }, timeout: .seconds(20))
    }
  }

  private static func delete(_ broker: Broker, _ target: String) async throws {
    try await Admin(broker.configuration).onThread { admin in
      defer { admin.close() }
      try admin.deleteTopics([target], timeout: .seconds(20))
    }
    let isGone = try await eventually(within: .seconds(60)) {
      try await Admin(broker.configuration).onThread { admin in
        defer { admin.close() }
        return try admin.describeCluster(timeout: .seconds(20)).topics[target] == nil
      }
    }
    try #require(isGone)
  }

  private static func make(_ broker: Broker, _ target: String, partitions: Int32) async throws {
    try await Admin(broker.configuration).onThread { admin in
      defer { admin.close() }
      try admin.createTopics([NewTopic(target, partitions: partitions)], timeout: .seconds(20))
    }
  }

  /// Until the broker has forgotten those of the deleted topic, which it does some time later; then as a broker would have them that didn't.
  private static func put(
    _ positions: [TopicPartition: CommittedPosition], _ broker: Broker, _ harness: RestoreHarness, _ target: String
  ) async throws {
    let count = Int32(positions.count)
    let areGone = try await eventually(within: .seconds(60)) {
      try await Self.positions(broker, harness, target, count).isEmpty
    }
    try #require(areGone)
    let group = harness.group
    try await Admin(broker.configuration).onThread { admin in
      defer { admin.close() }
      try admin.commit(positions, toMemberlessGroup: group, timeout: .seconds(20))
    }
  }

  @Test("A target that was deleted is a mismatch that says so", .broker(.stablePositions))
  func deleted() async throws {
    let (broker, harness, target) = try await Self.restored()
    try await Self.delete(broker, target)
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .mismatch, "\(receipt)")
    #expect(receipt.message.contains(target) && receipt.message.contains("does not exist any more"), "\(receipt)")
    await harness.stop()
  }

  @Test("A log that ends before the last record sent is a mismatch with its numbers", .broker(.stablePositions))
  func cut() async throws {
    let (broker, harness, target) = try await Self.restored()
    let positions = try await Self.positions(broker, harness, target, 1)
    try await Self.delete(broker, target)
    try await Self.make(broker, target, partitions: 1)
    try await Self.put(positions, broker, harness, target)
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .mismatch, "\(receipt)")
    #expect(receipt.message.contains("ends at offset 0, but 100 records were sent up to offset"), "\(receipt)")
    #expect(receipt.message.contains("0 of 100 are as they were sent"), "\(receipt)")
    #expect(receipt.partitions.map(\.expected.records) == [100] && receipt.partitions.map(\.found.records) == [0])
    await harness.stop()
  }

  @Test("A target made anew with fewer partitions is a mismatch that names those that lack", .broker(.stablePositions))
  func fewer() async throws {
    let (broker, harness, target) = try await Self.restored(2)
    try await Self.delete(broker, target)
    try await Self.make(broker, target, partitions: 1)
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .mismatch, "\(receipt)")
    #expect(receipt.message.contains("only 1 partitions") && receipt.message.contains("partition 1"), "\(receipt)")
    await harness.stop()
  }

  @Test("Positions that are gone leave it open, with the reason", .broker(.stablePositions))
  func forgotten() async throws {
    let (broker, harness, target) = try await Self.restored()
    try broker.deleteGroup(harness.group)
    let receipt = try await harness.verify()
    #expect(receipt.verdict.status == .unknown && receipt.verdict == .recordsExpired, "\(receipt)")
    #expect(receipt.message.contains("no longer has the positions of partition 0"), "\(receipt)")
    #expect(receipt.message.contains(target) && receipt.message.contains("offsets.retention.minutes"), "\(receipt)")
    await harness.stop()
  }
}

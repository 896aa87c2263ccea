import ColdStorage
import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

@Suite("Verifying a restore")
struct RestoreVerificationTests {
  typealias Expect = RestoreExpectations

  /// Sends records to the target while a throttled restore is under way, so that they stand among its own.
  static func restore(
    _ broker: Broker, _ target: String, among others: [OutgoingRecord], _ records: [TestRecord]
  ) async throws -> RestoreHarness {
    let archive = try TestArchive()
    try archive.write("orders", [records])
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]),
      transactions: TransactionBounds(interval: .seconds(1), bytes: 3000))
    harness.state.change { $0.spec.config.throttleBytesPerSecond = 3_000 }
    try await harness.prepare()
    harness.want(.lanes)
    try await harness.wait("some progress") { $0.progress > 1 ? true : nil }
    let producer = try Producer(broker.configuration)
    for record in others { _ = try await producer.send(record) }
    await producer.close()
    harness.state.change { $0.spec.config.throttleBytesPerSecond = nil }
    harness.want(.lanes)
    try await harness.finish()
    #expect(harness.now.faults == [])
    return harness
  }

  static let records = (0..<2000).map { TestRecord(plain: Int64($0), size: 25) }

  @Test("Records of others among ours are told from ours", .broker(), arguments: BrokerKind.here())
  func foreign(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let target = try await broker.makeTopic("target")
    let others = (0..<3).map { OutgoingRecord(topic: target, partition: 0, value: Array("other \($0)".utf8)) }
    let harness = try await Self.restore(broker, target, among: others, Self.records)
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .foreignRecords, "\(receipt)")
    #expect(receipt.message.contains("3 records of others"))
    #expect(receipt.partitions[0].expected.records == 2000 && receipt.partitions[0].found.records == 2003)
    await harness.stop()
  }

  @Test("A record of ours that is there twice is a mismatch", .broker(), arguments: BrokerKind.here())
  func doubled(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let target = try await broker.makeTopic("target")
    let first = Self.records[0]
    let copy = OutgoingRecord(
      topic: target, partition: 0, key: first.key, value: first.value, timestamp: first.timestamp)
    let harness = try await Self.restore(broker, target, among: [copy], Self.records)
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .mismatch && receipt.message.contains("more than once"), "\(receipt)")
    await harness.stop()
  }

  @Test("What positions say is not taken for granted", .broker(), arguments: BrokerKind.here())
  func tampered(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let target = try await broker.makeTopic("target")
    let harness = try await Self.restore(broker, target, among: [], Self.records)
    let admin = try Admin(broker.configuration)
    let group = harness.group
    try await admin.onThread { admin in
      defer { admin.close() }
      let partition = TopicPartition(target, 0)
      let known = try admin.committedPositions(of: group, partitions: [partition], timeout: .seconds(10))
      guard let committed = known[partition],
        var position = LanePosition(offset: committed.offset, metadata: committed.metadata)
      else { return }
      position.sent.records -= 1
      try admin.commit(
        [partition: CommittedPosition(offset: committed.offset, metadata: position.metadata)],
        toMemberlessGroup: group, timeout: .seconds(10))
    }
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .mismatch, "\(receipt)")
    await harness.stop()
  }

  @Test("Counts alone, where the document asks for no more", .broker(), arguments: BrokerKind.here())
  func counts(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    try archive.write("orders", [Expect.varied(100)])
    let target = try await broker.makeTopic("target")
    var config = Expect.config([("orders", target)])
    config.verify = .count
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .countsMatch && receipt.partitions[0].found.records == 100, "\(receipt)")
    await harness.stop()
  }
}

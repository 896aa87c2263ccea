import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing

@Suite("Restoring on a broker")
struct RestoreEngineTests {
  /// Everything a record can be: null and empty keys and values, headers that repeat, null and empty ones.
  static func varied(_ count: Int64) -> [TestRecord] {
    (0..<count).map { offset in
      var record = TestRecord(plain: offset * 2, size: Int(offset % 50) * 20)
      switch offset % 6 {
      case 1: record.key = nil
      case 2: record.value = nil
      case 3: (record.key, record.value) = ([], [])
      case 4:
        record.headers = [.init("a", Array("1".utf8)), .init("a", nil), .init("b", []), .init("a", Array("2".utf8))]
      default: break
      }
      return record
    }
  }

  static func check(_ expected: [TestRecord], _ found: [ConsumedRecord], header: String? = nil) {
    #expect(expected.count == found.count)
    for (expected, found) in zip(expected, found) {
      var headers = expected.headers.map { KafkaHeader($0.name, $0.value) }
      if let header { headers.append(KafkaHeader(header, "\(expected.offset)")) }
      guard expected.key == found.key, expected.value == found.value, headers == found.headers,
        expected.timestamp == found.timestamp
      else {
        Issue.record("source offset \(expected.offset) became \(found)")
        return
      }
    }
  }

  @Test(
    "Every record arrives as it was archived, byte for byte, and is verified", .broker(), arguments: BrokerKind.here())
  func straight(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    let partitions = [Self.varied(3000), [], Self.varied(10)]
    try archive.write("orders", partitions)
    let target = try await broker.makeTopic("target", partitions: 3)
    var config = RestoreConfig()
    config.topics = [TopicMapping(source: "orders", target: TopicName(target))]
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    #expect(harness.now.faults == [])
    #expect(harness.now.preflight?.failures == [])
    let figures = try #require(harness.now.restored[TopicName(target)])
    #expect(figures.recordsRestored == 3010 && figures.recordsTotal == 3010 && figures.recordsFiltered == 0)
    for (number, expected) in partitions.enumerated() {
      Self.check(expected, try await broker.readAll(TopicPartition(target, Int32(number))))
    }
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    await harness.stop()
  }
}

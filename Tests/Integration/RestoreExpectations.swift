import Kafka
import RestoreModel
import TestSupport
import Testing

/// What the tests of restores on brokers have in common.
enum RestoreExpectations {
  /// Everything a record can be: null and empty keys and values, headers that repeat, null and empty ones.
  static func varied(_ count: Int64, size: Int = 20) -> [TestRecord] {
    (0..<count).map { number in
      var record = TestRecord(plain: number * 2, size: Int(number % 50) * size)
      switch number % 6 {
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

  /// Record by record and byte for byte, in order.
  static func expect(
    _ expected: [TestRecord], in broker: Broker, _ topic: String, _ partition: Int32 = 0, header: String? = nil,
    timestamps: Bool = true, _ location: SourceLocation = #_sourceLocation
  ) async throws {
    var found: [ConsumedRecord] = []
    // A commit returns before its markers are written: until then readers don't see the last transaction.
    _ = try await eventually {
      found = try await broker.readAll(TopicPartition(topic, partition))
      return found.count >= expected.count
    }
    #expect(expected.count == found.count, sourceLocation: location)
    for (expected, found) in zip(expected, found) {
      var headers = expected.headers.map { KafkaHeader($0.name, $0.value) }
      if let header { headers.append(KafkaHeader(header, "\(expected.offset)")) }
      guard expected.key == found.key, expected.value == found.value, headers == found.headers,
        !timestamps || expected.timestamp == found.timestamp
      else {
        Issue.record("source offset \(expected.offset) became \(found)", sourceLocation: location)
        return
      }
    }
  }

  static func config(_ topics: [(source: String, target: String)]) -> RestoreConfig {
    var config = RestoreConfig()
    config.topics = topics.map { TopicMapping(source: TopicName($0.source), target: TopicName($0.target)) }
    return config
  }
}

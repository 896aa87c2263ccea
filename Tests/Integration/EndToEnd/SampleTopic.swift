import Kafka
import TestSupport

/// Topics to archive and to compare: every oddity that a record can have, in a known order.
enum SampleTopic {
  /// January 2020, well before anything that a broker would call recent.
  static let start: Int64 = 1_577_836_800_000

  /// Record `index` of `partition`: keys null, empty and repeated; tombstones, empty and long values; headers none, several, duplicate, null, empty.
  static func record(_ topic: String, _ partition: Int32, _ index: Int, valueBytes: Int = 40) -> OutgoingRecord {
    let key: [UInt8]? =
      switch index % 5 {
      case 0: nil
      case 1: []
      default: Array("key-\(index % 17)".utf8)
      }
    let value: [UInt8]? =
      switch index % 7 {
      case 0: nil
      case 1: []
      default: (0..<valueBytes).map { UInt8(truncatingIfNeeded: index &* 31 &+ $0 &* 7 &+ Int(partition)) }
      }
    let headers: [KafkaHeader] =
      switch index % 4 {
      case 0: []
      case 1: [KafkaHeader("trace", Array("\(index)".utf8)), KafkaHeader("trace", nil), KafkaHeader("trace", [])]
      case 2: [KafkaHeader("ä", [0, 255, 254])]
      default: [KafkaHeader("", [1]), KafkaHeader("b", Array("x".utf8)), KafkaHeader("a", Array("y".utf8))]
      }
    // Timestamps go back now and then, as clocks of producers do.
    let timestamp = start + Int64(index) * 1000 - (index % 10 == 9 ? 60_000 : 0)
    return OutgoingRecord(
      topic: topic, partition: partition, key: key, value: value, headers: headers, timestamp: timestamp)
  }

  /// A topic with `records` of them in each partition but the last, which stays empty.
  static func make(on broker: Broker, partitions: Int32 = 3, records: Int, valueBytes: Int = 40) async throws -> String
  {
    let topic = try await broker.makeTopic("source", partitions: partitions)
    let producer = try Producer(broker.configuration)
    for partition in 0..<(partitions - 1) {
      _ = try await producer.send((0..<records).map { record(topic, partition, $0, valueBytes: valueBytes) })
    }
    await producer.close()
    return topic
  }
}

/// What two topics must agree on, record by record; offsets only in their order.
struct RecordContent: Equatable {
  let key: [UInt8]?
  let value: [UInt8]?
  let headers: [KafkaHeader]
  let timestamp: Int64

  init(_ record: ConsumedRecord) {
    key = record.key
    value = record.value
    headers = record.headers
    timestamp = record.timestamp
  }
}

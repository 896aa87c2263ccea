import Kafka

/// The sample topic and its copy.
struct DemoTopics: Sendable {
  static let partitions: Int32 = 3
  static let recordsPerPartition = 10_000
  /// 2021-01-01T00:00:00Z
  private static let epoch: Int64 = 1_609_459_200_000

  let source: String
  let target: String

  /// `retention.ms=-1`: the records are years old, and a broker would delete them.
  func create(_ admin: Admin) async throws {
    let configuration = ["retention.ms": "-1", "message.timestamp.type": "CreateTime"]
    let topics = [source, target].map {
      NewTopic($0, partitions: Self.partitions, configuration: configuration)
    }
    try await admin.onThread { try $0.createTopics(topics, timeout: .seconds(20)) }
  }

  /// Everything that a restore must keep: keys and null keys, tombstones and empty values, headers that repeat or are null, old timestamps.
  var records: [OutgoingRecord] {
    (0..<Self.partitions).flatMap { partition in
      (0..<Self.recordsPerPartition).map { record(partition, $0) }
    }
  }

  private func record(_ partition: Int32, _ index: Int) -> OutgoingRecord {
    let key: [UInt8]? = index % 10 == 3 ? nil : Array("order-\(partition)-\(index % 500)".utf8)
    let value: [UInt8]? =
      switch index % 20 {
      case 7: nil
      case 11: []
      default: Array(#"{"order":\#(index),"partition":\#(partition),"amount":\#(index * 7919 % 10_000)}"#.utf8)
      }
    var headers: [KafkaHeader] = []
    if index % 4 == 0 { headers.append(KafkaHeader("trace", "t-\(index)")) }
    if index % 8 == 0 { headers += [KafkaHeader("trace", "again"), KafkaHeader("nothing", [UInt8]?.none)] }
    return OutgoingRecord(
      topic: source, partition: partition, key: key, value: value, headers: headers,
      timestamp: Self.epoch + Int64(index) * 60_000 + Int64(partition))
  }

  func produce(_ configuration: KafkaConfiguration) async throws {
    let producer = try Producer(configuration)
    do {
      _ = try await producer.send(records)
    } catch {
      await producer.close()
      throw error
    }
    await producer.close()
  }
}

import CLibrdkafka

/// The first offset of a partition and the one behind its last.
package struct Watermarks: Sendable, Equatable {
  package let low: Int64
  package let high: Int64

  package init(low: Int64, high: Int64) { (self.low, self.high) = (low, high) }
}

extension Admin {
  /// Asks the partition's leader. `readUncommitted` answers the true end; `readCommitted` the last stable offset, which an open
  /// transaction of anybody holds back.
  package func watermarks(
    of partition: TopicPartition, isolation: Isolation, timeout: Duration
  ) throws(KafkaError) -> Watermarks {
    let client = try client(isolation)
    var (low, high): (Int64, Int64) = (0, 0)
    try client.call {
      rd_kafka_query_watermark_offsets(
        $0, partition.topic, partition.partition, &low, &high, timeout.milliseconds)
    }
    return Watermarks(low: low, high: high)
  }

  /// The first offset at or after a time (milliseconds since 1970) in each partition; absent where there is none.
  package func offsets(
    atOrAfter times: [TopicPartition: Int64], timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    guard !times.isEmpty else { return [:] }
    let list = PartitionList(capacity: times.count)
    for (partition, time) in times.sorted(by: { $0.key < $1.key }) { list.add(partition, offset: time) }
    try client.call { rd_kafka_offsets_for_times($0, list.pointer, timeout.milliseconds) }
    var offsets: [TopicPartition: Int64] = [:]
    for element in list.elements {
      try client.check(element.error)
      if element.offset >= 0 { offsets[element.partition] = element.offset }
    }
    return offsets
  }
}

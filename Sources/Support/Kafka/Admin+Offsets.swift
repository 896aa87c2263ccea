import CLibrdkafka
import Glibc

/// The first offset of a partition and the one behind its last.
package struct Watermarks: Sendable, Equatable {
  package let low: Int64
  package let high: Int64

  package init(low: Int64, high: Int64) { (self.low, self.high) = (low, high) }
}

extension Admin {
  /// Asks the partition's leader, whoever that is by then: one that died is looked for anew, until `timeout`. `readUncommitted` answers the
  /// true end; `readCommitted` the last stable offset, which an open transaction of anybody holds back.
  package func watermarks(
    of partition: TopicPartition, isolation: Isolation, timeout: Duration
  ) throws(KafkaError) -> Watermarks {
    let client = try client(isolation)
    return try Self.askLeaders(client, timeout) { patience throws(KafkaError) in
      let low = try Self.offset(RD_KAFKA_OFFSET_BEGINNING, of: partition, client, patience())
      let high = try Self.offset(RD_KAFKA_OFFSET_END, of: partition, client, patience())
      return Watermarks(low: low, high: high)
    }
  }

  /// The true ends of partitions, as `watermarks` has them; one request to each leader.
  package func ends(
    of partitions: [TopicPartition], timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    guard !partitions.isEmpty else { return [:] }
    let client = try client(.readUncommitted)
    return try Self.askLeaders(client, timeout) { patience throws(KafkaError) in
      let list = PartitionList(partitions, offset: Int64(RD_KAFKA_OFFSET_END))
      try client.call { rd_kafka_offsets_for_times($0, list.pointer, patience().milliseconds) }
      var ends: [TopicPartition: Int64] = [:]
      for element in list.elements {
        try client.check(element.error)
        ends[element.partition] = element.offset
      }
      return ends
    }
  }

  private static func askLeaders<Answer>(
    _ client: ClientHandle, _ timeout: Duration,
    _ ask: (_ patience: () -> Duration) throws(KafkaError) -> Answer
  ) throws(KafkaError) -> Answer {
    let deadline = Deadline(timeout)
    let settling = Deadline(min(timeout, settlingTime))
    while true {
      do { return try ask { patience(deadline) } } catch {
        let mayPass = error.code == .unknownTopicOrPartition ? !settling.isOver : error.code.asksForLeader
        guard mayPass, !deadline.isOver else { throw error }
      }
      // Nothing else makes this handle ask who leads: it would go on with the leader that it knows for a quarter of an hour.
      var metadata: UnsafePointer<rd_kafka_metadata>?
      let code = try client.use { client throws(KafkaError) in
        rd_kafka_metadata(client, 1, nil, &metadata, patience(deadline).milliseconds)
      }
      if let metadata { rd_kafka_metadata_destroy(metadata) }
      if code != RD_KAFKA_RESP_ERR_NO_ERROR, deadline.isOver { throw client.error(code) }
      usleep(50_000)
    }
  }

  /// A leader may hear later than others of a topic that was just made.
  private static let settlingTime = Duration.seconds(3)

  /// A dead leader lets every question to it wait in vain, so each is a short one.
  private static func patience(_ deadline: Deadline) -> Duration { min(.seconds(2), deadline.remaining) }

  /// By ListOffsets, which has -2 and -1 in a time's place for both ends. `rd_kafka_query_watermark_offsets` (2.0.2) does the same and,
  /// when the leader is down, outlasts its time-out by up to a minute.
  private static func offset(
    _ end: Int32, of partition: TopicPartition, _ client: ClientHandle, _ timeout: Duration
  ) throws(KafkaError) -> Int64 {
    let list = PartitionList([partition], offset: Int64(end))
    try client.call { rd_kafka_offsets_for_times($0, list.pointer, timeout.milliseconds) }
    guard let found = list.elements.first else { throw client.error(RD_KAFKA_RESP_ERR__FAIL) }
    try client.check(found.error)
    return found.offset
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

import CLibrdkafka

/// A cluster as one broker described it at one moment.
package struct ClusterDescription: Sendable, Equatable {
  package struct Broker: Sendable, Equatable {
    package let id: Int32
    package let host: String
    package let port: Int32
  }

  package struct Topic: Sendable, Equatable {
    package let name: String
    package let partitions: [Partition]
    package var partitionCount: Int { partitions.count }
    package var replicationFactor: Int { partitions.map(\.replicas.count).min() ?? 0 }
  }

  package struct Partition: Sendable, Equatable {
    package let id: Int32
    /// -1: none at the moment.
    package let leader: Int32
    package let replicas: [Int32]
    package let inSync: [Int32]
  }

  package let clusterID: String?
  package let brokers: [Broker]
  /// Those that the broker lets us see, internal ones included.
  package let topics: [String: Topic]
}

extension Admin {
  package func describeCluster(timeout: Duration) throws(KafkaError) -> ClusterDescription {
    let deadline = Deadline(timeout)
    var metadata: UnsafePointer<rd_kafka_metadata>?
    try client.call { rd_kafka_metadata($0, 1, nil, &metadata, timeout.milliseconds) }
    guard let metadata else { throw client.error(RD_KAFKA_RESP_ERR__FAIL, "no metadata") }
    defer { rd_kafka_metadata_destroy(metadata) }
    let id = try clusterID(timeout: deadline.remaining)
    let seen = metadata.pointee
    let topics = UnsafeBufferPointer(start: seen.topics, count: Int(seen.topic_cnt)).compactMap(Self.topic)
    return ClusterDescription(
      clusterID: id,
      brokers: UnsafeBufferPointer(start: seen.brokers, count: Int(seen.broker_cnt)).map {
        .init(id: $0.id, host: String(cString: $0.host), port: Int32($0.port))
      },
      topics: Dictionary(topics.map { ($0.name, $0) }) { first, _ in first })
  }

  /// `cluster.id`; nil when no broker tells it within the time.
  package func clusterID(timeout: Duration) throws(KafkaError) -> String? {
    try client.use { client throws(KafkaError) -> String? in
      guard let id = rd_kafka_clusterid(client, max(1, timeout.milliseconds)) else { return nil }
      defer { rd_kafka_mem_free(client, id) }
      return String(cString: id)
    }
  }

  /// `nil` when there is no such topic (or none that we may see).
  package func describeTopic(_ name: String, timeout: Duration) throws(KafkaError) -> ClusterDescription.Topic? {
    try describeCluster(timeout: timeout).topics[name]
  }

  private static func topic(_ topic: rd_kafka_metadata_topic) -> ClusterDescription.Topic? {
    guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR || topic.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE else {
      return nil
    }
    let partitions = UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt)).map { partition in
      ClusterDescription.Partition(
        id: partition.id, leader: partition.leader,
        replicas: Array(UnsafeBufferPointer(start: partition.replicas, count: Int(partition.replica_cnt))),
        inSync: Array(UnsafeBufferPointer(start: partition.isrs, count: Int(partition.isr_cnt))))
    }
    return ClusterDescription.Topic(
      name: String(cString: topic.topic), partitions: partitions.sorted { $0.id < $1.id })
  }
}

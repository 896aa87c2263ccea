package import Kafka

extension Broker {
  /// A new topic of a unique name that keeps its records however old their timestamps are.
  package func makeTopic(
    _ purpose: String = "topic", partitions: Int32 = 1, configuration: [String: String] = [:]
  ) async throws -> String {
    let name = uniqueName(purpose)
    let settings = ["retention.ms": "-1"].merging(configuration) { $1 }
    let admin = try Admin(self.configuration)
    try await admin.onThread { admin in
      defer { admin.close() }
      try admin.createTopics(
        [NewTopic(name, partitions: partitions, replication: Int32(nodes.count), configuration: settings)],
        timeout: .seconds(20))
    }
    return name
  }

  /// Reads a partition from its beginning to where a reader of that isolation comes to an end.
  package func readAll(_ partition: TopicPartition, _ isolation: Isolation = .readCommitted) async throws
    -> [ConsumedRecord]
  {
    let consumer = try Consumer(configuration, isolation: isolation)
    return try await consumer.onThread { consumer in
      defer { consumer.close() }
      try consumer.start(partition, at: .beginning)
      var records: [ConsumedRecord] = []
      let end = ContinuousClock.now + .seconds(30)
      while ContinuousClock.now < end {
        for event in try consumer.poll(timeout: .milliseconds(500)) {
          switch event {
          case .record(let record): records.append(record)
          case .endOfPartition: return records
          case .failed(_, let error): throw error
          }
        }
      }
      throw Missing(description: "\(partition) has no end after 30 s")
    }
  }
}

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
        timeout: .seconds(60))
    }
    return name
  }

  /// Whose transactions stay open until it ends them, however slow the test is.
  package func foreignProducer() throws -> TransactionalProducer {
    var configuration = configuration
    configuration.properties["transaction.timeout.ms"] = "600000"
    return try TransactionalProducer(configuration, transactionalID: uniqueName("foreign"))
  }

  /// Reads a partition from its beginning to where a reader of that isolation comes to an end.
  ///
  /// A commit returns before its markers are written, so that its records show a little later: when a reader of committed records ends before the
  /// true end, it looks again for a moment. (With a transaction left open on purpose that moment is all it costs.)
  package func readAll(_ partition: TopicPartition, _ isolation: Isolation = .readCommitted) async throws
    -> [ConsumedRecord]
  {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      let (records, end) = try await readOnce(partition, isolation)
      guard isolation == .readCommitted, ContinuousClock.now < deadline else { return records }
      let admin = try Admin(configuration)
      let trueEnd = try await admin.onThread { admin in
        defer { admin.close() }
        return try admin.watermarks(of: partition, isolation: .readUncommitted, timeout: .seconds(60)).high
      }
      if end >= trueEnd { return records }
    }
  }

  private func readOnce(
    _ partition: TopicPartition, _ isolation: Isolation
  ) async throws -> (records: [ConsumedRecord], end: Int64) {
    let consumer = try Consumer(configuration, isolation: isolation)
    return try await consumer.onThread { consumer in
      defer { consumer.close() }
      try consumer.start(partition, at: .beginning)
      var records: [ConsumedRecord] = []
      let end = ContinuousClock.now + .seconds(60)
      while ContinuousClock.now < end {
        for event in try consumer.poll(timeout: .milliseconds(500)) {
          switch event {
          case .record(let record): records.append(record)
          case .endOfPartition(_, let offset): return (records, offset)
          case .failed(_, let error): throw error
          }
        }
      }
      throw Missing(description: "\(partition) has no end after 60 s")
    }
  }
}

extension Broker {
  /// A node answers before it has heard of all others: a topic that is made by then gets fewer copies.
  func awaitCluster(of count: Int) async throws {
    let admin = try Admin(configuration)
    let isWhole = try await eventually(within: .seconds(60)) {
      try await admin.onThread { try $0.describeCluster(timeout: .seconds(20)).brokers.count >= count }
    }
    try await admin.onThread { $0.close() }
    guard isWhole else { throw Missing(description: "\(count) nodes did not find one another") }
  }

  /// Every partition has a leader and all its copies: only then may another node die.
  package func awaitWhole() async throws {
    let isWhole = try await eventually(within: .seconds(180)) {
      let admin = try Admin(configuration)
      // A node that has just come back, or is about to be given up, may let a question wait in vain.
      let cluster = try? await admin.onThread { try $0.describeCluster(timeout: .seconds(10)) }
      try await admin.onThread { $0.close() }
      guard let cluster, cluster.brokers.count == nodes.count else { return false }
      return cluster.topics.values.flatMap(\.partitions).allSatisfy {
        $0.leader >= 0 && $0.inSync.count == $0.replicas.count
      }
    }
    guard isWhole else { throw Missing(description: "the cluster is not whole again") }
  }

  /// A fresh broker makes the topic of its groups' positions when first asked for a coordinator, which takes it a while under load.
  func awaitGroupCoordinator() async throws {
    let admin = try Admin(configuration)
    try await admin.onThread { admin in
      defer { admin.close() }
      _ = try admin.committedPositions(
        of: "warm-up", partitions: [TopicPartition("warm-up", 0)], timeout: .seconds(60))
    }
  }
}

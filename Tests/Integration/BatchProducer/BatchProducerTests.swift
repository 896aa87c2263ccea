import Kafka
import LocalBroker
import TestSupport
import Testing

@testable import KafkaProtocol

@Suite("Sending stored batches on unopened")
struct BatchProducerTests {
  static let patience = Duration.seconds(30)

  static func producer(_ broker: Broker, _ id: String?, _ timeout: Duration = .seconds(60)) throws -> BatchProducer {
    try BatchProducer(broker.configuration, transactionalID: id, transactionTimeout: timeout, slots: 4096)
  }

  @Test("What is committed arrives equal, on every partition, with its offsets told", .broker(.stablePositions))
  func committed() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic(partitions: 3)
    let batches = try StoredBatches(2000)
    #expect(batches.batches.count > 20)
    let producer = try Self.producer(broker, uniqueName("id"))
    let acknowledged = try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      let targets = (0..<3).map { producer.target(TopicPartition(topic, $0)) }
      #expect(producer.target(TopicPartition(topic, 1)) == targets[1])
      return try (0..<2).map { _ in
        try producer.begin()
        for target in targets { try batches.send(to: target, through: producer, verifying: target == targets[1]) }
        try producer.drain(timeout: Self.patience)
        #expect(producer.outstanding == 0)
        #expect((0..<batches.batches.count).allSatisfy { producer.outstanding(inSlot: $0) == 0 })
        try producer.commit(timeout: Self.patience)
        return targets.map { producer.takeAcknowledged($0) }
      }
    }
    for (round, targets) in acknowledged.enumerated() {
      for range in targets {
        #expect(range.count == 2000 && range.withoutOffset == 0)
        #expect(range.firstOffset == Int64(round * 2001) && range.lastOffset == Int64(round * 2001 + 1999))
      }
    }
    for partition in Int32(0)..<3 {
      let records = try await broker.readAll(TopicPartition(topic, partition))
      #expect(StoredBatches.contents(records) == batches.contents + batches.contents, "partition \(partition)")
    }
  }

  @Test("Without a transactional id it is idempotent, and needs no beginning", .broker(.stablePositions))
  func idempotent() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(500)
    let producer = try Self.producer(broker, nil)
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try batches.send(to: producer.target(TopicPartition(topic, 0)), through: producer)
      try producer.drain(timeout: Self.patience)
    }
    #expect(StoredBatches.contents(try await broker.readAll(TopicPartition(topic, 0))) == batches.contents)
  }

  @Test("What is aborted stays invisible, and the next transaction goes on", .broker(.stablePositions))
  func aborted() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(300)
    let producer = try Self.producer(broker, uniqueName("id"))
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      let target = producer.target(TopicPartition(topic, 0))
      for round in 0..<4 {
        try producer.begin()
        try batches.send(to: target, through: producer)
        // Once everything has its answer, once as it is.
        if round == 0 { try producer.drain(timeout: Self.patience) }
        if round < 2 { try producer.abort(timeout: Self.patience) } else { try producer.commit(timeout: Self.patience) }
        #expect(producer.outstanding == 0)
      }
    }
    let records = try await broker.readAll(TopicPartition(topic, 0))
    #expect(StoredBatches.contents(records) == batches.contents + batches.contents)
    let all = try await broker.readAll(TopicPartition(topic, 0), .readUncommitted)
    #expect(all.count >= 900, "aborted ones were there")
  }

  @Test("An empty transaction commits and aborts", .broker(.stablePositions)) func empty() async throws {
    let broker = try await Broker.shared(.apache)
    let producer = try Self.producer(broker, uniqueName("id"))
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      try producer.begin()
      try producer.commit(timeout: Self.patience)
      try producer.begin()
      try producer.abort(timeout: Self.patience)
      try producer.begin()
      #expect(throws: KafkaError.self) { try producer.begin() }
      try producer.commit(timeout: Self.patience)
    }
  }

  @Test("The cluster, its partitions and their ends are as librdkafka sees them", .broker(.stablePositions))
  func reading() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic(partitions: 3)
    let batches = try StoredBatches(40)
    // A name with several addresses, of which the broker listens on one.
    let producer = try BatchProducer(
      KafkaConfiguration(bootstrapServers: "localhost:\(broker.node.port)"), transactionalID: nil, slots: 4096)
    let found = try await producer.onThread { producer throws in
      defer { producer.close() }
      try batches.send(to: producer.target(TopicPartition(topic, 2)), through: producer)
      try producer.drain(timeout: Self.patience)
      let ends = try [0, 2].map { try producer.end(of: TopicPartition(topic, $0), timeout: Self.patience) }
      #expect(ends == [0, 40])
      #expect(try producer.partitions(of: ["nowhere"], timeout: Self.patience) == [])
      return (
        try producer.clusterID(timeout: Self.patience),
        try producer.partitions(of: [topic, "nowhere"], timeout: Self.patience)
      )
    }
    #expect(found.1 == (0..<3).map { TopicPartition(topic, $0) })
    let admin = try Admin(broker.configuration)
    let cluster = try await admin.onThread { admin in
      defer { admin.close() }
      return try admin.clusterID(timeout: .seconds(20))
    }
    #expect(found.0 == cluster && found.0 != nil)
  }

  @Test(
    "A batch above the topic's limit is refused by name, and the transaction can be aborted", .broker(.stablePositions))
  func tooLarge() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic(configuration: ["max.message.bytes": "1000"])
    let (large, small) = (try StoredBatches(400, batchBytes: 100_000), try StoredBatches(3, valueBytes: 20))
    let producer = try Self.producer(broker, uniqueName("id"))
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      let target = producer.target(TopicPartition(topic, 0))
      try producer.begin()
      let refusal = failure {
        try large.send(to: target, through: producer)
        try producer.drain(timeout: Self.patience)
      }
      #expect(refusal?.code == .messageTooLarge, "\(String(describing: refusal))")
      #expect(refusal?.disposition == .abortable)
      try producer.abort(timeout: Self.patience)
      try producer.begin()
      try small.send(to: target, through: producer)
      try producer.commit(timeout: Self.patience)
    }
    #expect(StoredBatches.contents(try await broker.readAll(TopicPartition(topic, 0))) == small.contents)
  }

  @Test("A damaged batch goes nowhere when it is looked at", .broker(.stablePositions)) func damaged() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(30)
    let producer = try Self.producer(broker, uniqueName("id"))
    let refusal = try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      try producer.begin()
      let target = producer.target(TopicPartition(topic, 0))
      var payload = Array(batches.batches[0].payload)
      payload[10] ^= 1
      return try payload.withUnsafeBytes { payload in
        _ = try producer.produce(
          to: target, slot: 0, header: batches.batches[0].header, payload: payload, verifying: true)
        let refusal = failure { try producer.drain(timeout: Self.patience) }
        producer.close()
        return refusal
      }
    }
    #expect(refusal?.code == .invalidArgument, "\(String(describing: refusal))")
    #expect(try await broker.readAll(TopicPartition(topic, 0), .readUncommitted).isEmpty)
  }
}

/// What `body` was refused with, if it was.
func failure(_ body: () throws -> Void) -> KafkaError? {
  do { try body() } catch let error as KafkaError { return error } catch { Issue.record(error) }
  return nil
}

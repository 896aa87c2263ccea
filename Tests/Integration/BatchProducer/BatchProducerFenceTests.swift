import Kafka
import KafkaProtocol
import LocalBroker
import TestSupport
import Testing

@Suite("Stored batches beside librdkafka's producer")
struct BatchProducerFenceTests {
  private static let patience = BatchProducerTests.patience

  @Test("librdkafka takes the transactional id over: ours is fenced, and nothing of it shows", .broker(.groupFencing))
  func takenOver() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(300)
    let id = uniqueName("id")
    let producer = try BatchProducerTests.producer(broker, id)
    let next = try LaneProducer(broker.configuration, transactionalID: id, slots: 1)
    let refusals = try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      try producer.begin()
      let target = producer.target(TopicPartition(topic, 0))
      try batches.send(to: target, through: producer)
      try producer.drain(timeout: Self.patience)
      try next.initTransactions(timeout: Self.patience)
      next.close()
      let sending = failure {
        try batches.send(to: target, through: producer)
        try producer.drain(timeout: Self.patience)
        try producer.commit(timeout: Self.patience)
      }
      return (sending, failure { try producer.abort(timeout: Self.patience) })
    }
    #expect(refusals.0?.disposition == .abortable || refusals.0?.isFenced == true, "\(refusals)")
    #expect(refusals.1?.isFenced == true, "the abort knows it for sure: \(refusals)")
    #expect(try await broker.readAll(TopicPartition(topic, 0)).isEmpty)
  }

  @Test("A commit after the fence is lost is refused as fenced", .broker(.groupFencing)) func commit() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(30)
    let id = uniqueName("id")
    let producer = try BatchProducerTests.producer(broker, id)
    let next = try BatchProducerTests.producer(broker, id)
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      try producer.begin()
      try batches.send(to: producer.target(TopicPartition(topic, 0)), through: producer)
      try producer.drain(timeout: Self.patience)
      try next.initTransactions(timeout: Self.patience)
      next.close()
      let refusal = failure { try producer.commit(timeout: Self.patience) }
      #expect(refusal?.isFenced == true, "\(String(describing: refusal))")
      #expect(failure { try producer.begin() }?.isFenced == true)
    }
    #expect(try await broker.readAll(TopicPartition(topic, 0)).isEmpty)
  }

  @Test(
    "Ours takes over from librdkafka's, whose open transaction is aborted and which is fenced", .broker(.groupFencing))
  func takesOver() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(300)
    let id = uniqueName("id")
    let old = try LaneProducer(broker.configuration, transactionalID: id, slots: 1)
    let producer = try BatchProducerTests.producer(broker, id)
    let refusal = try await old.onThread { old throws in
      defer { old.close() }
      try old.initTransactions(timeout: Self.patience)
      try old.begin()
      let target = try old.target(TopicPartition(topic, 0))
      for time in 1...100 { _ = try old.produce(to: target, slot: 0, timestamp: Int64(time), key: nil, value: nil) }
      try old.drain(timeout: Self.patience)
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      try producer.begin()
      try batches.send(to: producer.target(TopicPartition(topic, 0)), through: producer)
      try producer.commit(timeout: Self.patience)
      return failure { try old.commit(timeout: Self.patience) }
    }
    #expect(refusal?.isFenced == true, "\(String(describing: refusal))")
    #expect(StoredBatches.contents(try await broker.readAll(TopicPartition(topic, 0))) == batches.contents)
  }

  @Test(
    "Positions of a group without members are read by the other client, metadata and all", .broker(.stablePositions))
  func positions() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic(partitions: 3)
    let (ours, theirs) = (uniqueName("group"), uniqueName("group"))
    let written = [
      TopicPartition(topic, 0): CommittedPosition(offset: 7, metadata: "v1 seven"),
      TopicPartition(topic, 2): CommittedPosition(offset: 1 << 40, metadata: String(repeating: "x", count: 4095)),
    ]
    let partitions = (0..<3).map { TopicPartition(topic, $0) }
    let producer = try BatchProducerTests.producer(broker, uniqueName("id"))
    let other = try LaneProducer(broker.configuration, transactionalID: uniqueName("id"), slots: 1)
    let admin = try Admin(broker.configuration)
    try await producer.onThread { producer throws in
      defer {
        producer.close()
        other.close()
        admin.close()
      }
      try producer.initTransactions(timeout: Self.patience)
      try producer.begin()
      try producer.sendOffsets(written, memberlessGroup: ours, timeout: Self.patience)
      try producer.commit(timeout: Self.patience)
      #expect(try admin.committedPositions(of: ours, partitions: partitions, timeout: Self.patience) == written)
      #expect(try producer.positions(of: partitions, group: ours, timeout: Self.patience) == written)

      try other.initTransactions(timeout: Self.patience)
      try other.begin()
      try other.sendOffsets(written, memberlessGroup: theirs, timeout: Self.patience)
      let unstable = failure { _ = try producer.positions(of: partitions, group: theirs, timeout: .milliseconds(300)) }
      #expect(unstable?.code == .unstableOffsetCommit, "\(String(describing: unstable))")
      try other.commit(timeout: Self.patience)
      #expect(try producer.positions(of: partitions, group: theirs, timeout: Self.patience) == written)

      try producer.begin()
      let long = [partitions[1]: CommittedPosition(offset: 1, metadata: String(repeating: "x", count: 4097))]
      let refusal = failure { try producer.sendOffsets(long, memberlessGroup: ours, timeout: Self.patience) }
      #expect(
        refusal?.code == .offsetMetadataTooLarge && refusal?.disposition == .abortable, "\(String(describing: refusal))"
      )
      try producer.abort(timeout: Self.patience)
      #expect(try producer.positions(of: partitions, group: ours, timeout: Self.patience) == written)
    }
  }

  @Test("Batches and positions become visible together", .broker(.stablePositions)) func together() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let partition = TopicPartition(topic, 0)
    let group = uniqueName("group")
    let batches = try StoredBatches(300)
    let producer = try BatchProducerTests.producer(broker, uniqueName("id"))
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      for (offset, commits) in [(Int64(1), true), (2, false), (3, true)] {
        try producer.begin()
        try batches.send(to: producer.target(partition), through: producer)
        try producer.sendOffsets([partition: .init(offset: offset)], memberlessGroup: group, timeout: Self.patience)
        if commits { try producer.commit(timeout: Self.patience) } else { try producer.abort(timeout: Self.patience) }
        let found = try producer.positions(of: [partition], group: group, timeout: Self.patience)[partition]?.offset
        #expect(found == (commits ? offset : offset - 1))
      }
    }
    let records = try await broker.readAll(partition)
    #expect(StoredBatches.contents(records) == batches.contents + batches.contents)
  }
}

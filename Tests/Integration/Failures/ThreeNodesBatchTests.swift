import Kafka
import KafkaProtocol
import LocalBroker
import TestSupport
import Testing

extension ThreeNodesTests {
  @Test(
    "Stored batches, and the node killed -9 that leads the target or coordinates the transactions: everything once",
    .broker(.threeNodes), arguments: Place.allCases)
  func batches(place: Place) async throws {
    let broker = try await Broker.threeNodes()
    let topic = try await broker.makeTopic("target", partitions: 3)
    let batches = try StoredBatches(1000)
    let id = uniqueName("id")
    let group = uniqueName("group")
    let partitions = (0..<3).map { TopicPartition(topic, $0) }
    let producer = try BatchProducerTests.producer(broker, id)
    let transact: @Sendable (BatchProducer, Int64) throws -> Void = { producer, number in
      try producer.begin(timeout: .seconds(60))
      for partition in partitions { try batches.send(to: producer.target(partition), through: producer) }
      try producer.drain(timeout: .seconds(60))
      let positions = Dictionary(uniqueKeysWithValues: partitions.map { ($0, CommittedPosition(offset: number)) })
      try producer.sendOffsets(positions, memberlessGroup: group, timeout: .seconds(60))
      try producer.commit(timeout: .seconds(60))
    }
    try await producer.onThread { producer throws in
      try producer.initTransactions(timeout: .seconds(60))
      try transact(producer, 1)
      try producer.begin()
      for partition in partitions { try batches.send(to: producer.target(partition), through: producer) }
    }
    let node =
      switch place {
      case .targetLeader: try await Self.leader(of: partitions[0], in: broker)
      case .laneCoordinator: try await Self.coordinator(ofTransactions: id, in: broker)
      }
    let found = try await Self.without(node, of: broker) {
      try await producer.onThread { producer throws in
        defer { producer.close() }
        try producer.commit(timeout: .seconds(60))
        for number in Int64(3)...5 { try transact(producer, number) }
        return try producer.positions(of: partitions, group: group, timeout: .seconds(60)).mapValues(\.offset)
      }
    }
    #expect(found == Dictionary(uniqueKeysWithValues: partitions.map { ($0, 5) }))
    let expected = Array(repeating: batches.contents, count: 5).flatMap { $0 }
    for partition in partitions {
      #expect(StoredBatches.contents(try await broker.readAll(partition)) == expected, "\(partition)")
    }
  }

  @Test(
    "Stored batches, and the node frozen that leads the target or coordinates the transactions: the others take over",
    .broker(.threeNodes), arguments: Place.allCases)
  func frozenBatches(place: Place) async throws {
    let broker = try await Broker.threeNodes()
    let partition = TopicPartition(try await broker.makeTopic("target"), 0)
    let batches = try StoredBatches(1000)
    let id = uniqueName("id")
    var configuration = broker.configuration
    // Whoever only waits for the answer of the frozen node waits too long.
    configuration.properties["socket.timeout.ms"] = "120000"
    let producer = try BatchProducer(configuration, transactionalID: id, slots: 4096)
    try await producer.onThread { producer throws in
      try producer.initTransactions(timeout: .seconds(60))
      try producer.begin()
      try batches.send(to: producer.target(partition), through: producer)
      try producer.commit(timeout: .seconds(60))
      try producer.begin()
      try batches.send(to: producer.target(partition), through: producer)
      try producer.drain(timeout: .seconds(60))
      try batches.send(to: producer.target(partition), through: producer)
    }
    let node =
      switch place {
      case .targetLeader: try await Self.leader(of: partition, in: broker)
      case .laneCoordinator: try await Self.coordinator(ofTransactions: id, in: broker)
      }
    try await Self.without(node, of: broker, frozen: true) {
      try await producer.onThread { producer throws in
        defer { producer.close() }
        try batches.send(to: producer.target(partition), through: producer)
        try producer.commit(timeout: .seconds(60))
      }
    }
    let expected = Array(repeating: batches.contents, count: 4).flatMap { $0 }
    #expect(StoredBatches.contents(try await broker.readAll(partition)) == expected)
  }

  @Test(
    "Stored batches, and the leader moved from node to node meanwhile: everything once, in order", .broker(.threeNodes))
  func reassignedBatches() async throws {
    let broker = try await Broker.threeNodes()
    let topic = try await broker.makeTopic("target")
    let partition = TopicPartition(topic, 0)
    let batches = try StoredBatches(300)
    let producer = try BatchProducerTests.producer(broker, uniqueName("id"))
    try await producer.onThread { try $0.initTransactions(timeout: .seconds(60)) }
    var rounds = 0
    func moveAway() async throws {
      let old = try await Self.leader(of: partition, in: broker)
      try broker.reassign(topic, 0, to: (1...3).filter { broker.nodes[Int($0) - 1].port != old.port })
      let moved = try await eventually(within: .seconds(60)) {
        // One transaction after the other while it moves, and one after it has.
        let isOver = try await Self.leader(of: partition, in: broker).port != old.port
        try await producer.onThread { producer throws in
          try producer.begin(timeout: .seconds(60))
          for _ in 0..<2 { try batches.send(to: producer.target(partition), through: producer) }
          try producer.commit(timeout: .seconds(60))
        }
        rounds += 1
        return isOver
      }
      try #require(moved)
    }
    for _ in 0..<3 {
      // The other tests want three copies of everything, whatever comes of this one.
      let result: Result<Void, any Error>
      do { result = .success(try await moveAway()) } catch { result = .failure(error) }
      try broker.reassign(topic, 0, to: [1, 2, 3])
      try await broker.awaitWhole()
      try result.get()
    }
    try await producer.onThread { $0.close() }
    let expected = Array(repeating: batches.contents, count: 2 * rounds).flatMap { $0 }
    #expect(StoredBatches.contents(try await broker.readAll(partition)) == expected)
  }
}

import Kafka
import TestSupport
import Testing

@Suite("Transactions")
struct TransactionTests {
  private let patience = Duration.seconds(20)

  @Test("What is aborted stays hidden, what is committed shows", .broker(), arguments: BrokerKind.here())
  func abortHides(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("id"))
    try await producer.onThread { producer in
      defer { producer.close() }
      try producer.initTransactions(timeout: patience)
      for (value, commits) in [(UInt8(1), false), (2, true), (3, false), (4, true)] {
        try producer.begin()
        try producer.produce(OutgoingRecord(topic: topic, partition: 0, value: [value]))
        try producer.flush(timeout: patience)
        if commits { try producer.commit(timeout: patience) } else { try producer.abort(timeout: patience) }
      }
    }
    let partition = TopicPartition(topic, 0)
    #expect(try await broker.readAll(partition).map(\.value) == [[2], [4]])
    #expect(try await broker.readAll(partition, .readUncommitted).map(\.value) == [[1], [2], [3], [4]])
  }

  @Test(
    "A flush tells the offsets of the transaction's records in their order", .broker(), arguments: BrokerKind.here())
  func flushTellsOffsets(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topics = [try await broker.makeTopic("a"), try await broker.makeTopic("b")]
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("id"))
    let rounds = try await producer.onThread { producer in
      defer { producer.close() }
      try producer.initTransactions(timeout: patience)
      return try (0..<2).map { _ in
        try producer.begin()
        for topic in [topics[0], topics[1], topics[0]] {
          try producer.produce(OutgoingRecord(topic: topic, partition: 0, value: []))
        }
        let positions = try producer.flush(timeout: patience)
        try producer.commit(timeout: patience)
        return positions
      }
    }
    for round in rounds { #expect(round.map(\.topic) == [topics[0], topics[1], topics[0]]) }
    // A transaction's marker takes an offset of its own.
    #expect(rounds.map { $0.map(\.offset) } == [[0, 0, 1], [3, 2, 4]])
  }

  @Test("The second owner of a transactional id fences the first", .broker(), arguments: BrokerKind.here())
  func fencing(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let id = uniqueName("id")
    let first = try TransactionalProducer(broker.configuration, transactionalID: id)
    let second = try TransactionalProducer(broker.configuration, transactionalID: id)
    let error: KafkaError? = try await first.onThread { first in
      defer {
        first.close()
        second.close()
      }
      try first.initTransactions(timeout: patience)
      try first.begin()
      try first.produce(OutgoingRecord(topic: topic, partition: 0, value: [1]))
      try first.flush(timeout: patience)
      try second.initTransactions(timeout: patience)
      try second.begin()
      try second.produce(OutgoingRecord(topic: topic, partition: 0, value: [2]))
      try second.commit(timeout: patience)
      return failure { try first.commit(timeout: patience) }
    }
    #expect(error?.disposition == .fenced)
    #expect(error?.isFatal == true)
    #expect(try await broker.readAll(TopicPartition(topic, 0)).map(\.value) == [[2]])
  }

  @Test("Positions of a memberless group come and go with their transaction", .broker(), arguments: BrokerKind.here())
  func memberlessPositions(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic(partitions: 3)
    let group = uniqueName("group")
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("id"))
    let admin = try Admin(broker.configuration)
    let partitions = (0..<3).map { TopicPartition(topic, Int32($0)) }
    let long = String(repeating: "ü", count: 2047) + "."  // 4,095 bytes, the most that a broker takes
    try await producer.onThread { producer in
      defer { producer.close() }
      try producer.initTransactions(timeout: patience)
      try producer.begin()
      try producer.sendOffsets(
        [
          partitions[0]: CommittedPosition(offset: 5, metadata: "one"),
          partitions[1]: CommittedPosition(offset: 6, metadata: long),
        ], memberlessGroup: group, timeout: patience)
      try producer.commit(timeout: patience)
      try producer.begin()
      try producer.sendOffsets(
        [partitions[0]: CommittedPosition(offset: 9)], memberlessGroup: group, timeout: patience)
      try producer.abort(timeout: patience)
    }
    let found = try await admin.onThread { admin throws in
      defer { admin.close() }
      return try admin.committedPositions(of: group, partitions: partitions, timeout: patience)
    }
    #expect(
      found == [
        partitions[0]: CommittedPosition(offset: 5, metadata: "one"),
        partitions[1]: CommittedPosition(offset: 6, metadata: long),
      ])
  }

  @Test("Positions are withheld while a transaction with them is open", .broker(.stablePositions))
  func stablePositions() async throws {
    let broker = try await Broker.require([.stablePositions])
    let partition = TopicPartition(try await broker.makeTopic(), 0)
    let group = uniqueName("group")
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("id"))
    let admin = try Admin(broker.configuration)
    let (early, late) = try await producer.onThread { producer in
      defer {
        producer.close()
        admin.close()
      }
      try producer.initTransactions(timeout: patience)
      try producer.begin()
      try producer.sendOffsets(
        [partition: CommittedPosition(offset: 5)], memberlessGroup: group, timeout: patience)
      let early = failure {
        _ = try admin.committedPositions(of: group, partitions: [partition], timeout: .seconds(3))
      }
      try producer.commit(timeout: patience)
      return (early, try admin.committedPositions(of: group, partitions: [partition], timeout: patience))
    }
    #expect(early?.code == .unstableOffsetCommit)
    #expect(early?.message.contains(group) == true)
    #expect(late == [partition: CommittedPosition(offset: 5)])
  }

  @Test(
    "A foreign open transaction holds back the stable end, not the true one", .broker(.lastStableOffset),
    arguments: BrokerKind.here(with: [.lastStableOffset]))
  func trueEnd(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let partition = TopicPartition(try await broker.makeTopic(), 0)
    let producer = try Producer(broker.configuration)
    _ = try await producer.send((0..<2).map { OutgoingRecord(topic: partition.topic, partition: 0, value: [$0]) })
    let foreign = try broker.foreignProducer()
    try await foreign.onThread { foreign in
      try foreign.initTransactions(timeout: patience)
      try foreign.begin()
      try foreign.produce(OutgoingRecord(topic: partition.topic, partition: 0, value: [9]))
      try foreign.flush(timeout: patience)
    }
    _ = try await producer.send(OutgoingRecord(topic: partition.topic, partition: 0, value: [3]))
    await producer.close()
    let admin = try Admin(broker.configuration)
    let (stable, end) = try await admin.onThread { admin throws in
      defer { admin.close() }
      return (
        try admin.watermarks(of: partition, isolation: .readCommitted, timeout: patience),
        try admin.watermarks(of: partition, isolation: .readUncommitted, timeout: patience)
      )
    }
    #expect(stable == Watermarks(low: 0, high: 2))
    #expect(end == Watermarks(low: 0, high: 4))
    // The end of partition that a reader is told is the stable one.
    #expect(try await broker.readAll(partition).map(\.value) == [[0], [1]])
    try await foreign.onThread { foreign in
      try foreign.abort(timeout: patience)
      foreign.close()
    }
    #expect(try await broker.readAll(partition).map(\.value) == [[0], [1], [3]])
  }

  @Test("A delivery that fails aborts the transaction and says why", .broker(), arguments: BrokerKind.here())
  func failedDelivery(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic(configuration: ["max.message.bytes": "2000"])
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("id"))
    let (flushed, committed) = try await producer.onThread { producer in
      defer { producer.close() }
      try producer.initTransactions(timeout: patience)
      try producer.begin()
      try producer.produce(
        OutgoingRecord(topic: topic, partition: 0, value: (0..<5000).map { _ in .random(in: 0...255) }))
      let errors = (
        failure { try producer.flush(timeout: patience) }, failure { try producer.commit(timeout: patience) }
      )
      try producer.abort(timeout: patience)
      // The sequence numbers have a gap now: librdkafka 2.0.2 asks for another abort before it goes on with a new epoch.
      for attempt in 1...3 {
        let refusal = failure {
          try producer.begin()
          try producer.produce(OutgoingRecord(topic: topic, partition: 0, value: [1]))
          try producer.commit(timeout: patience)
        }
        guard let refusal else { break }
        #expect(refusal.disposition == .abortable)
        #expect(attempt < 3)
        try producer.abort(timeout: patience)
      }
      return errors
    }
    #expect(flushed?.code == .messageTooLarge)
    #expect(flushed?.disposition == .abortable)
    #expect(committed?.disposition == .abortable)
    #expect(committed?.message.contains(topic) == true)
    #expect(try await broker.readAll(TopicPartition(topic, 0)).map(\.value) == [[1]])
  }
}

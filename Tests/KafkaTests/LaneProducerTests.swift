import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("The lane's producer")
struct LaneProducerTests {
  private let patience = Duration.seconds(20)

  @Test("It counts each slot's records and each partition's offsets", .broker(), arguments: BrokerKind.here())
  func countsAndOffsets(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic(partitions: 2)
    let lane = try LaneProducer(broker.configuration, transactionalID: uniqueName("id"), slots: 4)
    let perSlot = 1000
    let rounds = try await lane.onThread { lane throws in
      defer { lane.close() }
      try lane.initTransactions(timeout: patience)
      let targets = [try lane.target(TopicPartition(topic, 0)), try lane.target(TopicPartition(topic, 1))]
      return try (0..<2).map { round in
        try lane.begin()
        let slots = Slots(count: 4)
        for slot in 0..<4 {
          for index in 0..<perSlot {
            slots.bytes[slot] = UInt8(slot)
            let value = UnsafeRawBufferPointer(start: slots.bytes + slot, count: 1)
            let admission = try lane.produce(
              to: targets[slot % 2], slot: slot, timestamp: 1_700_000_000_000 + Int64(index), key: nil, value: value)
            #expect(admission == .queued)
          }
        }
        #expect(lane.outstanding <= 4 * perSlot)
        try lane.drain(timeout: patience)
        #expect(lane.outstanding == 0)
        #expect((0..<4).map { lane.outstanding(inSlot: $0) } == [0, 0, 0, 0])
        let acknowledged = targets.map { lane.takeAcknowledged($0) }
        #expect(targets.map { lane.takeAcknowledged($0).count } == [0, 0])
        try lane.commit(timeout: patience)
        return acknowledged
      }
    }
    for (round, acknowledged) in rounds.enumerated() {
      for target in acknowledged {
        #expect(target.count == 2 * perSlot)
        #expect(target.firstOffset == Int64(round * (2 * perSlot + 1)))  // behind the marker of the transaction before
        #expect(target.lastOffset == Int64(round * (2 * perSlot + 1) + 2 * perSlot - 1))
        #expect(target.withoutOffset == 0)
      }
    }
    let values = try await broker.readAll(TopicPartition(topic, 1)).map(\.value)
    let slots = Array(repeating: [UInt8(1)], count: perSlot) + Array(repeating: [UInt8(3)], count: perSlot)
    #expect(values == slots + slots)
  }

  @Test("Null, empty and headers arrive as they were offered", .broker(), arguments: BrokerKind.here())
  func shapes(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let lane = try LaneProducer(broker.configuration, transactionalID: nil, slots: 1)
    try await lane.onThread { lane throws in
      defer { lane.close() }
      let target = try lane.target(TopicPartition(topic, 0))
      let (null, empty) = (UnsafeRawBufferPointer?.none, UnsafeRawBufferPointer(start: nil, count: 0))
      _ = try lane.produce(to: target, slot: 0, timestamp: 1, key: null, value: empty)
      for value in [null, empty, null] {
        try Array("n".utf8).withUnsafeBytes { try lane.addHeader(name: $0, value: value) }
      }
      _ = try lane.produce(to: target, slot: 0, timestamp: -1, key: empty, value: null)
      _ = try lane.produce(to: target, slot: 0, timestamp: 3, key: null, value: null)
      try lane.drain(timeout: patience)
    }
    let records = try await broker.readAll(TopicPartition(topic, 0))
    try #require(records.count == 3)
    #expect(records.map(\.key) == [nil, [], nil])
    #expect(records.map(\.value) == [[], nil, nil])
    #expect(
      records.map(\.headers) == [[], [KafkaHeader("n", nil), KafkaHeader("n", []), KafkaHeader("n", nil)], []])
    #expect(records[0].timestamp == 1)
    #expect(records[2].timestamp == 3)
  }

  @Test("Timestamp 0 is told apart and takes nothing", .broker())
  func zeroTimestamp() async throws {
    let broker = try await Broker.require()
    let lane = try LaneProducer(broker.configuration, transactionalID: nil, slots: 1)
    try await lane.onThread { lane throws in
      defer { lane.close() }
      let target = try lane.target(TopicPartition("nowhere", 0))
      #expect(try lane.produce(to: target, slot: 0, timestamp: 0, key: nil, value: nil) == .zeroTimestamp)
      #expect(lane.outstanding == 0)
    }
  }

  @Test("A full queue takes nothing, and polling makes room", .broker())
  func fullQueue() async throws {
    let broker = try await Broker.require()
    let topic = try await broker.makeTopic()
    var configuration = broker.configuration
    configuration.properties["queue.buffering.max.messages"] = "10"
    let lane = try LaneProducer(configuration, transactionalID: nil, slots: 1)
    let (total, full) = try await lane.onThread { lane throws in
      defer { lane.close() }
      let target = try lane.target(TopicPartition(topic, 0))
      var (total, full) = (0, 0)
      while total < 100 {
        switch try lane.produce(to: target, slot: 0, timestamp: Int64(total + 1), key: nil, value: nil) {
        case .queued: total += 1
        case .full:
          full += 1
          try lane.poll(timeout: .milliseconds(100))
        case .zeroTimestamp: Issue.record("no timestamp here is 0")
        }
      }
      try lane.drain(timeout: patience)
      return (total, full)
    }
    #expect(total == 100)
    #expect(full > 0)
    #expect(try await broker.readAll(TopicPartition(topic, 0)).map(\.timestamp) == (1...100).map(Int64.init))
  }

  @Test("A purge frees every slot though no broker answers")
  func purge() async throws {
    let lane = try LaneProducer(
      KafkaConfiguration(bootstrapServers: "127.0.0.1:1"), transactionalID: nil, slots: 2)
    try await lane.onThread { lane throws in
      defer { lane.close() }
      let target = try lane.target(TopicPartition("nowhere", 0))
      for index in 0..<20 { _ = try lane.produce(to: target, slot: index % 2, timestamp: 1, key: nil, value: nil) }
      #expect((0..<2).map { lane.outstanding(inSlot: $0) } == [10, 10])
      lane.purge()
      #expect((0..<2).map { lane.outstanding(inSlot: $0) } == [0, 0])
      #expect(lane.takeAcknowledged(target).count == 0)
    }
  }

  @Test("A producer that lost its id says so, whatever became of its records", .broker(.groupFencing))
  func fenced() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let id = uniqueName("id")
    let lane = try LaneProducer(broker.configuration, transactionalID: id, slots: 1)
    let next = try LaneProducer(broker.configuration, transactionalID: id, slots: 1)
    let refusal = try await lane.onThread { lane throws in
      defer { lane.close() }
      try lane.initTransactions(timeout: patience)
      try lane.begin()
      let target = try lane.target(TopicPartition(topic, 0))
      func send() throws {
        for time in 1...100 { _ = try lane.produce(to: target, slot: 0, timestamp: Int64(time), key: nil, value: nil) }
      }
      try send()
      try lane.drain(timeout: patience)
      try send()
      try next.initTransactions(timeout: patience)
      next.close()
      var refusal = failure {
        try lane.drain(timeout: patience)
        try lane.commit(timeout: patience)
      }
      // Between the refusal of a record and the answer to who has the id now, only an abort can tell.
      if refusal?.isFenced == false {
        lane.purge()
        refusal = failure { try lane.abort(timeout: patience) }
      }
      return refusal
    }
    #expect(refusal?.isFenced == true, "\(String(describing: refusal))")
    #expect(try await broker.readAll(TopicPartition(topic, 0)).isEmpty)
  }

  @Test("A frozen broker makes drain time out, and a thawed one loses nothing", .broker())
  func frozen() async throws {
    let kind = try #require(BrokerKind.here().first)
    let broker = try await Broker.own(kind)
    let topic = try await broker.makeTopic()
    let lane = try LaneProducer(broker.configuration, transactionalID: nil, slots: 1)
    try await lane.onThread { lane throws in
      defer { lane.close() }
      let target = try lane.target(TopicPartition(topic, 0))
      _ = try lane.produce(to: target, slot: 0, timestamp: 1, key: nil, value: nil)
      try lane.drain(timeout: patience)
      broker.node.freeze()
      _ = try lane.produce(to: target, slot: 0, timestamp: 2, key: nil, value: nil)
      let late = #expect(throws: KafkaError.self) { try lane.drain(timeout: .milliseconds(300)) }
      #expect(late?.disposition == .retriable)
      #expect(lane.outstanding(inSlot: 0) == 1)
      broker.node.thaw()
      try lane.drain(timeout: patience)
    }
    #expect(try await broker.readAll(TopicPartition(topic, 0)).map(\.timestamp) == [1, 2])
    await broker.node.stop()
  }
}

/// Memory that outlives the producer's use of it.
private final class Slots {
  let bytes: UnsafeMutablePointer<UInt8>
  init(count: Int) { bytes = .allocate(capacity: count) }
  deinit { bytes.deallocate() }
}

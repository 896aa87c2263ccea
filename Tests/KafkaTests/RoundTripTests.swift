import Kafka
import Testing
import TestSupport

@Suite("A record arrives as it was sent")
struct RoundTripTests {
  private static let shapes: [(key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader])] = [
    (nil, nil, []),
    ([], [], [KafkaHeader("", nil)]),
    (nil, [], [KafkaHeader("a", nil), KafkaHeader("a", [])]),
    ([], nil, [KafkaHeader("b", [0, 255]), KafkaHeader("a", "1"), KafkaHeader("b", [0, 255])]),
    ([0], Array(repeating: 7, count: 70_000), [KafkaHeader("größe", "ü")]),
  ]

  @Test(
    "Null, empty and repeated keys, values and headers stay apart, in order", .broker(), arguments: BrokerKind.here())
  func shapesSurvive(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let producer = try Producer(broker.configuration)
    var positions: [RecordPosition] = []
    for (index, shape) in Self.shapes.enumerated() {
      positions.append(
        try await producer.send(
          OutgoingRecord(
            topic: topic, partition: 0, key: shape.key, value: shape.value, headers: shape.headers,
            timestamp: 1_700_000_000_000 + Int64(index))))
    }
    await producer.close()
    #expect(positions.map(\.offset) == Self.shapes.indices.map(Int64.init))
    let records = try await broker.readAll(TopicPartition(topic, 0))
    try #require(records.count == Self.shapes.count)
    for (index, (record, shape)) in zip(records, Self.shapes).enumerated() {
      #expect(record.key == shape.key)
      #expect(record.value == shape.value)
      #expect(record.headers == shape.headers)
      #expect(record.timestamp == 1_700_000_000_000 + Int64(index))
      #expect(record.timestampType == .createTime)
      #expect(record.offset == Int64(index))
    }
  }

  @Test("A topic with LogAppendTime says so", .broker(), arguments: BrokerKind.here())
  func logAppendTime(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic(configuration: ["message.timestamp.type": "LogAppendTime"])
    let producer = try Producer(broker.configuration)
    _ = try await producer.send(OutgoingRecord(topic: topic, value: [1], timestamp: 1000))
    await producer.close()
    let record = try #require(try await broker.readAll(TopicPartition(topic, 0)).first)
    #expect(record.timestampType == .logAppendTime)
    #expect(record.timestamp > 1_700_000_000_000)
  }

  @Test("Timestamp 0 is refused, since librdkafka would write the present time", .broker())
  func zeroTimestamp() async throws {
    let broker = try await Broker.require()
    let producer = try Producer(broker.configuration)
    await #expect { try await producer.send(OutgoingRecord(topic: "x", value: [], timestamp: 0)) } throws: {
      ($0 as? KafkaError)?.message.contains("timestamp 0") == true
    }
    await producer.close()
  }

  @Test("Twenty-five thousand records sent at once keep their order", .broker())
  func many() async throws {
    let broker = try await Broker.require()
    let topic = try await broker.makeTopic()
    let producer = try Producer(broker.configuration)
    let values = (0..<25_000).map { Array("\($0)".utf8) }
    let positions = try await producer.send(values.map { OutgoingRecord(topic: topic, partition: 0, value: $0) })
    await producer.close()
    #expect(positions.count == values.count)
    #expect(try await broker.readAll(TopicPartition(topic, 0)).map(\.value) == values)
  }

  @Test(
    "A consumer starts where it is told and is told where the partition ends", .broker(), arguments: BrokerKind.here())
  func startAndEnd(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let producer = try Producer(broker.configuration)
    _ = try await producer.send((0..<10).map { OutgoingRecord(topic: topic, partition: 0, value: [$0]) })
    await producer.close()
    let consumer = try Consumer(broker.configuration, isolation: .readCommitted)
    let (offsets, end) = try await consumer.onThread { consumer in
      defer { consumer.close() }
      try consumer.start(TopicPartition(topic, 0), at: .offset(7))
      var offsets: [Int64] = []
      for _ in 0..<200 {
        for event in try consumer.poll(max: 2, timeout: .milliseconds(100)) {
          switch event {
          case .record(let record): offsets.append(record.offset)
          case .endOfPartition(_, let offset): return (offsets, offset)
          case .failed(_, let error): throw error
          }
        }
      }
      return (offsets, Int64(-1))
    }
    #expect(offsets == [7, 8, 9])
    #expect(end == 10)
  }

  @Test("An offset that isn't there is an error, not a jump", .broker(), arguments: BrokerKind.here())
  func offsetOutOfRange(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let consumer = try Consumer(broker.configuration, isolation: .readCommitted)
    let failure: KafkaError? = try await consumer.onThread { consumer in
      defer { consumer.close() }
      try consumer.start(TopicPartition(topic, 0), at: .offset(1000))
      for _ in 0..<100 {
        for case .failed(_, let error) in try consumer.poll(timeout: .milliseconds(100)) { return error }
      }
      return nil
    }
    #expect(failure?.code == .autoOffsetReset || failure?.code == .offsetOutOfRange)
  }
}

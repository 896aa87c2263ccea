import Kafka
import TestSupport
import Testing

@Suite("Idle consumers")
struct FetchPacingTests {
  @Test("A consumer that has been idle for long hears of a record at once", .broker(), arguments: BrokerKind.here())
  func wakesUp(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic("idle")
    let consumer = try Consumer(broker.configuration, isolation: .readCommitted)
    try consumer.start(TopicPartition(topic, 0), at: .beginning)
    // Long enough for the statistics to tell whether the broker holds fetches back.
    let quiet = try await consumer.onThread { consumer in
      let end = ContinuousClock.now + .seconds(2)
      var records = 0
      while ContinuousClock.now < end { records += try Self.records(of: consumer).count }
      return records
    }
    #expect(quiet == 0)
    let producer = try Producer(broker.configuration)
    for number in 0..<20 {
      _ = try await producer.send(OutgoingRecord(topic: topic, partition: 0, value: [UInt8(number)]))
      let value = try await consumer.onThread { consumer in
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
          if let record = try Self.records(of: consumer).first { return record.value }
        }
        return nil
      }
      #expect(value == [UInt8(number)])
    }
    await producer.close()
    try await consumer.onThread { $0.close() }
  }

  private static func records(of consumer: Consumer) throws -> [ConsumedRecord] {
    try consumer.poll(timeout: .milliseconds(200)).compactMap { event in
      if case .record(let record) = event { record } else { nil }
    }
  }
}

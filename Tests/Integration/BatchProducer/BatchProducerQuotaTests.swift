import Kafka
import KafkaProtocol
import LocalBroker
import TestSupport
import Testing

@Suite("Stored batches under a quota")
struct BatchProducerQuotaTests {
  @Test("Beyond a quota batches come more slowly, and each of them once and in order", .broker(.stablePositions))
  func quota() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(2000, batchBytes: 10_000, valueBytes: 100)
    let size = batches.batches.reduce(0) { $0 + $1.header.count + $1.payload.count }
    var configuration = broker.configuration
    configuration.properties["client.id"] = uniqueName("client")
    let client = try #require(configuration.properties["client.id"])
    // Ten seconds' worth goes through at once, which is less than the three times that it is sent.
    try broker.limit(client: client, bytesPerSecond: size / 4)
    let producer = try BatchProducer(configuration, transactionalID: uniqueName("id"), slots: 4096)
    let took = try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: BatchProducerTests.patience)
      let target = producer.target(TopicPartition(topic, 0))
      let began = ContinuousClock.now
      for _ in 0..<3 {
        try producer.begin()
        try batches.send(to: target, through: producer)
        try producer.commit(timeout: .seconds(60))
      }
      return ContinuousClock.now - began
    }
    #expect(took > .seconds(1), "the quota was in force")
    let expected = Array(repeating: batches.contents, count: 3).flatMap { $0 }
    #expect(StoredBatches.contents(try await broker.readAll(TopicPartition(topic, 0))) == expected)
  }
}

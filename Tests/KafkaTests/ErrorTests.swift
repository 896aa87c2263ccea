import Kafka
import TestSupport
import Testing

@Suite("Errors say what to do")
struct ErrorTests {
  private let nowhere = KafkaConfiguration(bootstrapServers: "127.0.0.1:1")

  @Test("An unknown property is named")
  func unknownProperty() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaConfiguration(bootstrapServers: "x:1", properties: ["linger.mss": "5"]).validate()
    }
    #expect(error?.message.contains("'linger.mss'") == true)
  }

  @Test(
    "A bad value is not echoed",
    arguments: ["message.max.bytes", "security.protocol", "enable.ssl.certificate.verification"])
  func badValue(property: String) {
    let error = #expect(throws: KafkaError.self) {
      try KafkaConfiguration(bootstrapServers: "x:1", properties: [property: "hunter2"]).validate()
    }
    #expect(error?.message.contains("'\(property)'") == true)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test("A value out of range is answered with the range")
  func range() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaConfiguration(bootstrapServers: "x:1", properties: ["message.max.bytes": "3"]).validate()
    }
    #expect(error?.message.contains("1000..1000000000") == true)
  }

  @Test("A configuration shows no value in any description")
  func noSecretInDescription() {
    let configuration = KafkaConfiguration(bootstrapServers: "x:1", properties: ["sasl.password": "hunter2"])
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] { #expect(!text.contains("hunter2")) }
  }

  @Test("A broker that can't be reached is named with the reason")
  func unreachable() async throws {
    let admin = try Admin(nowhere)
    let error: KafkaError? = try await admin.onThread { admin throws in
      defer { admin.close() }
      return failure { _ = try admin.describeCluster(timeout: .milliseconds(500)) }
    }
    let message = try #require(error).message
    #expect(message.contains("127.0.0.1:1"))
    #expect(message.contains("refused"))
    #expect(!message.contains("thrd:"))
  }

  @Test("A record that finds no broker fails after its time, with the reason")
  func undelivered() async throws {
    let producer = try Producer(nowhere, deliveryTimeout: .milliseconds(300))
    let error = await #expect(throws: KafkaError.self) {
      try await producer.send(OutgoingRecord(topic: "orders", value: [1]))
    }
    #expect(error?.code == .messageTimedOut)
    #expect(error?.message.contains("orders") == true)
    #expect(error?.message.contains("refused") == true)
    await producer.close()
  }

  @Test("Closing a producer gives up what can't be delivered and says so")
  func closed() async throws {
    let producer = try Producer(nowhere)
    let sent = Task { try await producer.send(OutgoingRecord(topic: "orders", value: [1])) }
    await producer.close(timeout: .milliseconds(100))
    await #expect(throws: KafkaError.self) { try await sent.value }
    let error = await #expect(throws: KafkaError.self) {
      try await producer.send(OutgoingRecord(topic: "orders", value: [1]))
    }
    #expect(error?.code == .destroyed)
  }

  @Test("Log lines reach the closure they are for")
  func log() async throws {
    let (lines, continuation) = AsyncStream.makeStream(of: KafkaLogLine.self)
    var configuration = nowhere
    configuration.log = { continuation.yield($0) }
    let admin = try Admin(configuration)
    for await line in lines where line.message.contains("127.0.0.1:1") {
      #expect(line.level <= 4)
      break
    }
    try await admin.onThread { $0.close() }
  }

  @Test("SCRAM with an old librdkafka is warned of, and only then")
  func scram() {
    var configuration = nowhere
    #expect(configuration.warnings.isEmpty)
    configuration.properties["sasl.mechanisms"] = "SCRAM-SHA-512"
    #expect(configuration.warnings.isEmpty == KafkaVersion.doesScramWithKafka4)
  }

  @Test("A closed client refuses calls, and a close waits for those under way")
  func useAfterClose() async throws {
    let consumer = try Consumer(nowhere, isolation: .readCommitted)
    let admin = try Admin(nowhere)
    let producer = try TransactionalProducer(nowhere, transactionalID: "x")
    let under = Task { try await consumer.onThread { _ = try $0.poll(timeout: .milliseconds(300)) } }
    try await consumer.onThread { consumer throws in
      consumer.close()
      consumer.close()
      admin.close()
      producer.close()
      let refusals = [
        failure { _ = try consumer.poll(timeout: .zero) },
        failure { try consumer.start(TopicPartition("x", 0), at: .end) },
        failure { _ = try admin.describeCluster(timeout: .zero) },
        failure { _ = try admin.listGroups(timeout: .zero) },
        failure { try producer.begin() },
        failure { try producer.produce(OutgoingRecord(topic: "x", value: nil)) },
      ]
      #expect(refusals.map { $0?.code } == Array(repeating: .destroyed, count: refusals.count))
    }
    _ = await under.result
  }
}

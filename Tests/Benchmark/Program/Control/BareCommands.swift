import ControlTopics
import Glibc
import Kafka

/// Commands that nobody decides: a consumer that waits for them, the transaction that an owner would make of each, and a consumer that waits for its
/// events. Clients, sizes of values and order of calls are the control plane's, its topics have a broker's own settings and its records no headers; what the
/// answers of the control plane take longer is, but for that, its own.
struct BareCommands {
  let configuration: KafkaConfiguration
  /// Of topics that nobody else writes.
  let naming: TopicNaming

  private static let eventsEach = 2
  private static let patience = Duration.seconds(30)

  /// - Parameter pause: between two of them.
  func run(_ times: Int, pause: Duration) async throws -> [Duration] {
    let clock = ContinuousClock()
    let (commands, events) = (try await follower(of: .commands), try await follower(of: .events))
    let transactions = try TransactionalProducer(configuration, transactionalID: naming.owner)
    let producer = try Producer(configuration.lingering("0"))
    try await transactions.onThread { try $0.initTransactions(timeout: Self.patience) }
    async let owner: Void = commands.onThread { commands in
      for number in 0..<times {
        try Self.await(1, from: commands)
        try decide(Int64(number), with: transactions)
      }
    }
    var took: [Duration] = []
    let (key, value) = Sample.command(1, of: 1)
    let command = OutgoingRecord(topic: naming.name(of: .commands), partition: 0, key: key, value: value)
    for _ in 0..<times {
      usleep(UInt32(pause.components.attoseconds / 1_000_000_000_000))
      let began = clock.now
      async let answered: Void = events.onThread { try Self.await(Self.eventsEach, from: $0) }
      _ = try await producer.send(command)
      try await answered
      took.append(clock.now - began)
    }
    try await owner
    await producer.close()
    try await transactions.onThread { $0.close() }
    for consumer in [commands, events] { try await consumer.onThread { $0.close() } }
    return took
  }

  private func follower(of topic: ControlTopic) async throws -> Consumer {
    let partition = TopicPartition(naming.name(of: topic), 0)
    let end = try await Admin(configuration).onThread { admin in
      defer { admin.close() }
      return try admin.watermarks(of: partition, isolation: .readUncommitted, timeout: Self.patience).high
    }
    let consumer = try Consumer(configuration, isolation: .readCommitted)
    try consumer.start(partition, at: .offset(end))
    return consumer
  }

  private static func await(_ count: Int, from consumer: Consumer) throws {
    let deadline = ContinuousClock.now + patience
    var found = 0
    while found < count {
      guard ContinuousClock.now < deadline else { throw Wrong("nothing came for \(patience)") }
      for case .record in try consumer.poll(max: 100, timeout: .milliseconds(100)) { found += 1 }
    }
  }

  /// As an owner that guesses its records' offsets.
  private func decide(_ number: Int64, with producer: TransactionalProducer) throws {
    let records = Self.records(naming)
    let position = CommittedPosition(offset: number, metadata: String(repeating: "m", count: 200))
    try producer.begin()
    try producer.produce(records[0])
    let positions = try producer.startOffsets(
      [TopicPartition(naming.name(of: .commands), 0): position],
      group: ConsumerGroupMetadata(memberlessGroup: naming.owner), timeout: Self.patience)
    for record in records.dropFirst() { try producer.produce(record) }
    try producer.flush(timeout: Self.patience)
    try positions.wait()
    try producer.commit(timeout: Self.patience)
  }

  /// Of the sizes that a `Configure` writes.
  private static func records(_ naming: TopicNaming) -> [OutgoingRecord] {
    let key = RecordKey.resource(Sample.key(1)).bytes
    let sizes: [(ControlTopic, Int)] = [(.events, 800), (.events, 800), (.specs, 700), (.status, 2200)]
    return sizes.map { topic, size in
      OutgoingRecord(
        topic: naming.name(of: topic), partition: 0, key: key, value: [UInt8](repeating: 65, count: size))
    }
  }
}

extension KafkaConfiguration {
  func lingering(_ milliseconds: String) -> KafkaConfiguration {
    var configuration = self
    configuration.properties["linger.ms"] = milliseconds
    return configuration
  }
}

import Glibc
import Kafka
import LocalBroker
import TestSupport
import Testing

@testable import KafkaProtocol

@Suite("Stored batches over a bad network")
struct BatchProducerFaultTests {
  private static let patience = BatchProducerTests.patience

  /// A broker of the test's own that is reached through a proxy only.
  private static func behindProxy() async throws -> (Broker, FaultyProxy) {
    let proxy = try FaultyProxy()
    let broker = try await Broker.own(.apache, properties: ["advertised.listeners": proxy.advertised])
    try proxy.start(to: broker.node.port)
    return (broker, proxy)
  }

  @Test("Cut connections, half sent requests and lost answers: everything once, in order", .broker(.durability))
  func cuts() async throws {
    let (broker, proxy) = try await Self.behindProxy()
    let topic = try await broker.makeTopic(partitions: 2)
    let batches = try StoredBatches(3000)
    let producer = try BatchProducerTests.producer(broker, uniqueName("id"))
    let counts = try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      let targets = (0..<2).map { producer.target(TopicPartition(topic, $0)) }
      for round in 0..<6 {
        try producer.begin()
        for target in targets { try batches.send(to: target, through: producer) }
        switch round {
        case 0: proxy.cut()
        case 1: proxy.set(.cutAfter(3_333))
        case 2: proxy.set(.cutAfter(20_000))
        case 3, 4:
          proxy.set(.loseAnswers)
          try producer.poll(timeout: .milliseconds(200))
          proxy.set(.forward)
          proxy.cut()
        default: break
        }
        try producer.commit(timeout: Self.patience)
      }
      return targets.map { producer.takeAcknowledged($0) }
    }
    #expect(counts.map(\.count) == [18_000, 18_000])
    #expect(proxy.connections > 6)
    for partition in Int32(0)..<2 {
      let records = try await broker.readAll(TopicPartition(topic, partition))
      #expect(records.count == 18_000)
      let expected = Array(repeating: batches.contents, count: 6).flatMap { $0 }
      #expect(StoredBatches.contents(records) == expected, "partition \(partition)")
    }
    proxy.stop()
    await broker.node.stop()
  }

  @Test("A commit whose answer is lost says so; asked again it tells, and nothing is doubled", .broker(.durability))
  func unknownCommit() async throws {
    let (broker, proxy) = try await Self.behindProxy()
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(100)
    let producer = try BatchProducerTests.producer(broker, uniqueName("id"))
    let epochs = try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      let target = producer.target(TopicPartition(topic, 0))
      try producer.begin()
      try batches.send(to: target, through: producer)
      try producer.drain(timeout: Self.patience)
      let before = producer.identity?.epoch
      proxy.set(.loseAnswers)
      let refusal = failure { try producer.commit(timeout: .seconds(1)) }
      #expect(refusal?.disposition == .retriable, "\(String(describing: refusal))")
      #expect(refusal?.message.contains("not known whether the transaction was committed") == true)
      #expect(throws: KafkaError.self) { try producer.begin() }
      proxy.set(.forward)
      proxy.cut()
      try producer.commit(timeout: Self.patience)
      try producer.begin()
      let after = producer.identity?.epoch
      try batches.send(to: target, through: producer)
      try producer.commit(timeout: Self.patience)
      return (before, after)
    }
    // What may still be on its way from the first transaction must not meet the second.
    #expect(epochs.0.map { $0 + 1 } == epochs.1)
    let records = try await broker.readAll(TopicPartition(topic, 0))
    #expect(StoredBatches.contents(records) == batches.contents + batches.contents)
    proxy.stop()
    await broker.node.stop()
  }

  @Test("A broker killed -9 and started again loses nothing that was committed", .broker(.durability))
  func restart() async throws {
    let broker = try await Broker.own(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(2000)
    let producer = try BatchProducerTests.producer(broker, uniqueName("id"))
    let target = try await producer.onThread { producer throws in
      try producer.initTransactions(timeout: Self.patience)
      let target = producer.target(TopicPartition(topic, 0))
      try producer.begin()
      try batches.send(to: target, through: producer)
      return target
    }
    await broker.node.kill()
    let late = try await producer.onThread { producer in failure { try producer.drain(timeout: .milliseconds(200)) } }
    #expect(late == nil || late?.disposition == .retriable, "\(String(describing: late))")
    try await broker.node.start()
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.commit(timeout: .seconds(60))
      try producer.begin()
      try batches.send(to: target, through: producer)
      try producer.commit(timeout: .seconds(60))
    }
    let records = try await broker.readAll(TopicPartition(topic, 0))
    #expect(StoredBatches.contents(records) == batches.contents + batches.contents)
    await broker.node.stop()
  }

  @Test("A frozen broker makes drain time out, and a thawed one loses nothing", .broker(.durability))
  func frozen() async throws {
    let broker = try await Broker.own(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(500)
    let producer = try BatchProducerTests.producer(broker, uniqueName("id"))
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      try producer.begin()
      broker.node.freeze()
      try batches.send(to: producer.target(TopicPartition(topic, 0)), through: producer)
      let late = failure { try producer.drain(timeout: .milliseconds(300)) }
      #expect(late?.disposition == .retriable, "\(String(describing: late))")
      #expect(producer.outstanding(inSlot: 0) > 0)
      broker.node.thaw()
      try producer.commit(timeout: Self.patience)
    }
    #expect(StoredBatches.contents(try await broker.readAll(TopicPartition(topic, 0))) == batches.contents)
    await broker.node.stop()
  }

  @Test(
    "Two batches of one partition in one request are both acknowledged, and the first is lost: why none has two",
    .broker(.durability))
  func twice() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    let batches = try StoredBatches(200)
    try #require(batches.batches.count >= 2)
    let connection = try Connection(
      BrokerAddress(host: "127.0.0.1", port: broker.node.port), ClientSettings(broker.configuration))
    while !connection.isReady {
      var watched = [pollfd(fd: connection.descriptor, events: connection.interest, revents: 0)]
      poll(&watched, 1, 1000)
      _ = try connection.advance(watched[0].revents, now: .now)
    }
    let request = Produce(transactionalID: nil, timeoutMilliseconds: 10_000)
    let correlation = connection.nextCorrelation()
    var writer = WireWriter(isFlexible: false)
    Produce.writeHeader(&writer, version: 7, correlation: correlation, clientID: "twice")
    let start = writer.bytes.count
    _ = request.encode(
      [TopicPartition(topic, 0): .init(header: [], payload: .init(start: nil, count: 0))], into: &writer)
    // The same partition entry twice, each with a batch of its own.
    let head = Array(writer.bytes[..<(writer.bytes.count - 12)])
    var bytes = head + [0, 0, 0, 2]
    for batch in batches.batches.prefix(2) {
      let whole = Array(batch.header) + Array(batch.payload)
      bytes += [0, 0, 0, 0] + withUnsafeBytes(of: Int32(whole.count).bigEndian, Array.init)
      bytes += [UInt8](repeating: 0, count: 8) + whole[8...]
    }
    #expect(start < head.count)
    connection.submit(Frame(bytes), .produce, tag: 1, version: 7, correlation: correlation)
    var answers: [Connection.Answered] = []
    while answers.isEmpty {
      var watched = [pollfd(fd: connection.descriptor, events: connection.interest, revents: 0)]
      poll(&watched, 1, 1000)
      for event in try connection.advance(watched[0].revents, now: .now) {
        if case .answer(_, let answered) = event { answers.append(answered) }
      }
    }
    let answer = try Produce.answer(in: answers[0].frame, version: 7, correlation: correlation)
    #expect(answer.partitions[TopicPartition(topic, 0)]?.error == 0)
    let arrived = try await broker.readAll(TopicPartition(topic, 0)).count
    let second = Int(BatchSigner.recordCount(header: batches.batches[1].header))
    #expect(arrived == second, "if this broker kept both, the rule could go")
  }
}

import ControlPlane
import ControlTopics
import Glibc
import Kafka
import KafkaLog
import Logging
import RestoreModel
import Threads

/// The same with a broker: how long until a new owner answers, and commands from their producer to their outcome.
struct BrokerBenchmark {
  let configuration: KafkaConfiguration
  private let clock = ContinuousClock()

  init(servers: String) { configuration = KafkaConfiguration(bootstrapServers: servers) }

  func run(_ counts: [Int], commands: Int) async throws {
    var starts: [[String]] = []
    for shape in Sample.Shape.allCases {
      for count in counts { starts.append(try await start(count, shape)) }
    }
    Figures.print(
      "From the start of a controller to its first answer, on a broker",
      [
        "", "documents", "s to fold, by a reader", "documents/s", "its CPU s", "MB more at its peak",
        "s to the first answer",
      ], starts)
    try await answers(beside: counts.first ?? 1000, commands: commands)
  }

  private func installation(_ count: Int, _ shape: Sample.Shape) async throws -> KafkaLogSettings {
    let naming = TopicNaming(prefix: "bench-\(UInt32.random(in: .min ... .max)).")
    var settings = KafkaLogSettings(kafka: configuration, naming: naming, instance: "bench")
    settings.requestTimeout = .seconds(60)
    try await Self.seed(count, shape, settings)
    return settings
  }

  /// Written by an owner that has decided nothing yet, as a snapshot that was put back.
  private static func seed(_ count: Int, _ shape: Sample.Shape, _ settings: KafkaLogSettings) async throws {
    let administration = TopicsAdministration(settings)
    _ = try await administration.create()
    let installation = try await StateReader(settings).snapshot().state.installation ?? ""
    var encoder = RecordEncoder(installation: installation, epoch: 0)
    let producer = try Producer(settings.kafka, deliveryTimeout: .seconds(120))
    for start in stride(from: 0, to: count, by: 1000) {
      var records: [OutgoingRecord] = []
      for number in start..<min(count, start + 1000) {
        let resource = Sample.restore(number, shape)
        records.append(outgoing(encoder.spec(resource, sequence: 0), settings.naming))
        records.append(outgoing(encoder.status(resource, sequence: 0, time: Sample.time), settings.naming))
      }
      _ = try await producer.send(records)
    }
    await producer.close()
  }

  private static func outgoing(_ record: OutgoingControlRecord, _ naming: TopicNaming) -> OutgoingRecord {
    OutgoingRecord(
      topic: naming.name(of: record.topic), partition: 0, key: record.key, value: record.value,
      headers: record.headers.map { KafkaHeader($0.name, $0.value) })
  }

  private func start(_ count: Int, _ shape: Sample.Shape) async throws -> [String] {
    let settings = try await installation(count, shape)
    Figures.forgetPeak()
    let (before, cpu) = (Figures.residentMegabytes(), Figures.processorTime())
    var decoder: StateDecoder?
    let folded = try await clock.measure { decoder = try await StateReader(settings).snapshot() }
    let (memory, processor) = (Figures.peakMegabytes() - before, Figures.processorTime() - cpu)
    let found = decoder?.state.resources.count ?? 0
    guard found == count else { throw Wrong("the fold holds \(found) documents") }
    let producer = try Producer(configuration)
    let began = clock.now
    let service = try await Service(settings)
    let answers = Answers(settings)
    _ = try await producer.send(Self.command(0, of: count, settings.naming))
    try await answers.wait(for: 1)
    let answered = clock.now - began
    await producer.close()
    answers.stop()
    try await service.stop()
    return [
      shape.rawValue, "\(count)", Figures.rounded(Figures.seconds(folded), 2), Figures.rate(count, folded),
      Figures.rounded(Figures.seconds(processor), 2), "\(memory)", Figures.rounded(Figures.seconds(answered), 2),
    ]
  }

  private func answers(beside count: Int, commands: Int) async throws {
    let settings = try await installation(count, .done)
    let service = try await Service(settings)
    let answers = Answers(settings)
    let producer = try Producer(configuration.lingering("0"))
    _ = try await producer.send(Self.command(0, of: count, settings.naming))
    try await answers.wait(for: 1)
    var sent = 1
    func lone(_ times: Int, pause: Duration) async throws -> [Duration] {
      var took: [Duration] = []
      for _ in 0..<times {
        let began = clock.now
        _ = try await producer.send(Self.command(sent, of: count, settings.naming))
        sent += 1
        try await answers.wait(for: sent)
        took.append(clock.now - began)
        if pause > .zero { try await Task.sleep(for: pause) }
      }
      return took
    }
    try await makeTopics(settings)
    let pause = Duration.milliseconds(20)
    let empty = try await transactions(settings, shaped: false, pause: .zero)
    let emptyAlone = try await transactions(settings, shaped: false, pause: pause)
    let shaped = try await transactions(settings, shaped: true, pause: .zero)
    let shapedAlone = try await transactions(settings, shaped: true, pause: pause)
    let roundTrip = try await roundTrips(settings)
    let bare = BareCommands(configuration: configuration, naming: Self.emptyNaming(settings))
    _ = try await lone(20, pause: pause)
    let alone = try await lone(200, pause: pause)
    let bareAlone = try await bare.run(220, pause: pause).dropFirst(20).map { $0 }
    let backToBack = try await lone(200, pause: .zero)
    let (began, before) = (clock.now, answers.transactions)
    _ = try await producer.send((0..<commands).map { Self.command(sent + $0, of: count, settings.naming) })
    try await answers.wait(for: sent + commands)
    let burst = clock.now - began
    func row(_ name: String, _ samples: [Duration], to empty: [Duration]) -> [String] {
      [name]
        + [50, 99].flatMap { percent -> [String] in
          let least = Figures.percentile(empty, percent) + Figures.percentile(roundTrip, percent)
          let found = Figures.percentile(samples, percent)
          return [Figures.milliseconds(found), Figures.rounded(Figures.seconds(found) / Figures.seconds(least), 2)]
        }
    }
    Figures.print(
      "One at a time (\(count) documents); ratios to a transaction of a position and a round trip",
      ["", "p50 ms", "ratio", "p99 ms", "ratio"],
      [
        row("from a producer to a consumer", roundTrip, to: emptyAlone),
        row("a transaction of a position", emptyAlone, to: emptyAlone),
        row("a transaction of three records and a position", shapedAlone, to: emptyAlone),
        row("the records of a command and its answer, by the clients alone", bareAlone, to: emptyAlone),
        row("a command, from send to outcome", alone, to: emptyAlone),
        row("a transaction of a position, right after another", empty, to: empty),
        row("a transaction of three records and a position, right after another", shaped, to: empty),
        row("a command right after another's outcome", backToBack, to: empty),
      ])
    func over(_ percent: Int) -> String {
      let (found, least) = (Figures.percentile(alone, percent), Figures.percentile(bareAlone, percent))
      return Figures.rounded(Figures.seconds(found) / Figures.seconds(least), 2)
    }
    Figures.print("A command, over its records by the clients alone", ["p50", "p99"], [[over(50), over(99)]])
    Figures.print(
      "A burst", ["commands", "s", "commands/s", "in order", "transactions"],
      [
        [
          "\(commands)", Figures.rounded(Figures.seconds(burst), 2), Figures.rate(commands, burst),
          answers.isInOrder ? "yes" : "NO", "\(answers.transactions - before)",
        ]
      ])
    await producer.close()
    answers.stop()
    try await service.stop()
  }

  /// What the transactions that are compared with write to.
  private func makeTopics(_ settings: KafkaLogSettings) async throws {
    let naming = Self.emptyNaming(settings)
    try await Admin(configuration).onThread { admin in
      defer { admin.close() }
      let topics = [ControlTopic.commands, .specs, .status, .events].map {
        NewTopic(naming.name(of: $0), partitions: 1, replication: 1, configuration: [:])
      }
      try admin.createTopics(topics, timeout: .seconds(30))
    }
  }

  private static func emptyNaming(_ settings: KafkaLogSettings) -> TopicNaming {
    TopicNaming(prefix: settings.naming.prefix + "empty.")
  }

  /// As the owner's: with a record to each of our topics, or none.
  private func transactions(_ settings: KafkaLogSettings, shaped: Bool, pause: Duration) async throws -> [Duration] {
    let naming = Self.emptyNaming(settings)
    let (clock, commands) = (clock, TopicPartition(settings.naming.name(of: .commands), 0))
    let producer = try TransactionalProducer(configuration, transactionalID: naming.owner)
    return try await producer.onThread { producer in
      defer { producer.close() }
      let group = try ConsumerGroupMetadata(memberlessGroup: naming.owner)
      try producer.initTransactions(timeout: .seconds(30))
      let value = [UInt8](repeating: 65, count: 1000)
      return try (0..<210).map { number in
        usleep(UInt32(pause.components.attoseconds / 1_000_000_000_000))
        return try clock.measure {
          try producer.begin()
          if shaped {
            for topic in [ControlTopic.events, .specs, .status] {
              try producer.produce(
                OutgoingRecord(topic: naming.name(of: topic), partition: 0, key: [65], value: value))
            }
            try producer.flush(timeout: .seconds(30))
          }
          try producer.sendOffsets(
            [commands: CommittedPosition(offset: Int64(number), metadata: "")], group: group, timeout: .seconds(30))
          try producer.commit(timeout: .seconds(30))
        }
      }.dropFirst(10).map { $0 }
    }
  }

  /// From a producer's call to a consumer that waits, without a transaction: what no answer can be quicker than.
  private func roundTrips(_ settings: KafkaLogSettings) async throws -> [Duration] {
    let topic = TopicPartition(Self.emptyNaming(settings).name(of: .events), 0)
    let (configuration, clock) = (configuration, clock)
    let producer = try Producer(configuration.lingering("0"))
    let consumer = try Consumer(configuration, isolation: .readCommitted)
    let admin = try Admin(configuration)
    let end = try await admin.onThread { admin in
      defer { admin.close() }
      return try admin.watermarks(of: topic, isolation: .readUncommitted, timeout: .seconds(30)).high
    }
    try consumer.start(topic, at: .offset(end))
    var took: [Duration] = []
    for _ in 0..<210 {
      let began = clock.now
      async let arrived: Void = consumer.onThread { consumer in
        while true {
          for case .record in try consumer.poll(max: 100, timeout: .seconds(1)) { return }
        }
      }
      _ = try await producer.send(OutgoingRecord(topic: topic.topic, partition: 0, key: [65], value: [65]))
      try await arrived
      took.append(clock.now - began)
    }
    await producer.close()
    try await consumer.onThread { $0.close() }
    return Array(took.dropFirst(10))
  }

  private static func command(_ number: Int, of count: Int, _ naming: TopicNaming) -> OutgoingRecord {
    let (key, value) = Sample.command(number, of: count)
    return OutgoingRecord(topic: naming.name(of: .commands), partition: 0, key: key, value: value)
  }
}

/// A controller of this process.
struct Service {
  private let task: Task<Void, any Error>

  init(_ settings: KafkaLogSettings) async throws {
    let logger = Logger("bench", to: DescriptorLogSink(level: .warning))
    let log = try await KafkaLog.open(settings, logger: logger)
    let controller = Controller(
      log: log, work: NoWork(), clock: SystemClock(), naming: settings.naming, instance: log.instance, logger: logger)
    task = Task { try await controller.run() }
  }

  func stop() async throws {
    task.cancel()
    try await task.value
  }
}

/// Follows the events and counts outcomes.
final class Answers: Sendable {
  private struct State {
    var outcomes: [Int64] = []
    /// Gaps between the events seen: a marker stands there.
    var transactions = 0
    var latest: Int64 = -1
    var awaited: (count: Int, continuation: CheckedContinuation<Void, any Error>)?
    var failure: (any Error)?
  }

  private let state = Locked(State())
  private let task = Locked<Task<Void, Never>?>(nil)

  init(_ settings: KafkaLogSettings) {
    let follower = Task { [self] in
      do {
        for try await record in EventReader(settings).follow() { take(record) }
      } catch { fail(error) }
    }
    task.withLock { $0 = follower }
  }

  func stop() { task.withLock { $0?.cancel() } }

  func wait(for count: Int) async throws {
    try await withCheckedThrowingContinuation { continuation in
      let isThere = state.withLock { state in
        if state.outcomes.count >= count || state.failure != nil { return true }
        state.awaited = (count, continuation)
        return false
      }
      if isThere { continuation.resume() }
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  /// Outcomes cite the commands in the order in which they stand.
  var isInOrder: Bool {
    state.withLock { state in zip(state.outcomes, state.outcomes.dropFirst()).allSatisfy { $0 < $1 } }
  }

  /// So far.
  var transactions: Int { state.withLock { $0.transactions } }

  private func take(_ record: EventRecord) {
    let awaited = state.withLock { state in
      if record.offset > state.latest + 1 || state.latest < 0 { state.transactions += 1 }
      state.latest = record.offset
      guard record.event.outcome, case .command(let offset, _) = record.event.cause else {
        return nil as CheckedContinuation<Void, any Error>?
      }
      state.outcomes.append(offset)
      guard let awaited = state.awaited, state.outcomes.count >= awaited.count else {
        return nil as CheckedContinuation<Void, any Error>?
      }
      state.awaited = nil
      return awaited.continuation
    }
    awaited?.resume()
  }

  private func fail(_ error: any Error) {
    let awaited = state.withLock { state in
      state.failure = error
      defer { state.awaited = nil }
      return state.awaited?.continuation
    }
    awaited?.resume()
  }
}

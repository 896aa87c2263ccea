package import ControlTopics
package import Kafka
package import RestoreModel
import Threads

/// A command to send.
package struct NewCommand: Sendable {
  package var key: ResourceKey
  package var message: CommandMessage

  package init(_ key: ResourceKey, _ message: CommandMessage) {
    self.key = key
    self.message = message
  }
}

/// What became of a command.
package struct DecidedCommand: Sendable {
  /// In `commands`.
  package var offset: Int64
  /// Cites the offset; exactly one does.
  package var outcome: EventRecord
  /// All events of the decision in their order, the outcome among them.
  package var events: [EventRecord]

  package var rejection: Rejection? {
    if case .commandRejected(let rejection) = outcome.event.content { rejection } else { nil }
  }

  /// It was handled before, or asked for what is so already.
  package var isUnchanged: Bool {
    if case .commandUnchanged = outcome.event.content { true } else { false }
  }
}

/// What a command's sender learns.
package enum CommandAnswer: Sendable {
  case decided(DecidedCommand)
  case undecided(UndecidedCommand)
  /// It was not delivered.
  case unsent(KafkaError)

  package func get() throws -> DecidedCommand {
    switch self {
    case .decided(let decided): return decided
    case .undecided(let undecided): throw undecided
    case .unsent(let error): throw error
    }
  }
}

/// Nobody decided the command in time. It stands in the topic and will be decided yet.
package struct UndecidedCommand: Error, Sendable, CustomStringConvertible {
  package var topic: String
  /// Nil when the broker acknowledged it without telling.
  package var offset: Int64?

  package var description: String {
    let place = offset.map { "at offset \($0) of \(topic)" } ?? "in \(topic)"
    return "the command stands \(place), and nobody has decided it yet; is `thaw serve` running?"
  }
}

/// Sends commands and reads their own answers: whoever got one reads his own write everywhere.
package final class CommandClient: Sendable {
  private let settings: KafkaLogSettings
  private let producer: Producer
  private let admin: Admin

  /// Throws when a property is none of librdkafka's.
  package init(_ settings: KafkaLogSettings) throws {
    self.settings = settings
    producer = try Producer(settings.kafka, deliveryTimeout: settings.requestTimeout)
    admin = try Admin(settings.kafka)
  }

  package func close() async {
    await producer.close()
    try? await admin.onThread { $0.close() }
  }

  /// Appends the commands in order. Their offsets, nil where the broker acknowledged a repeat without telling; what was not delivered says why.
  package func send(_ commands: [NewCommand]) async -> [Result<Int64?, KafkaError>] {
    await producer.sendEach(
      commands.map { $0.message.record(for: $0.key).kafka(in: settings.naming) }
    ).map { $0.map(\.offset) }
  }

  package func decide(_ command: NewCommand, timeout: Duration) async throws -> DecidedCommand {
    let decided = try await decide([command], timeout: timeout)
    guard let first = decided.first else { throw UndecidedCommand(topic: settings.name(.commands)) }
    return first
  }

  /// Sends the commands in order and waits until all are decided; throws what the first that isn't failed in.
  package func decide(_ commands: [NewCommand], timeout: Duration) async throws -> [DecidedCommand] {
    try await answers(to: commands, timeout: timeout).map { try $0.get() }
  }

  /// Sends the commands, one right behind the other, and waits for their outcomes: one answer for each, in the order of the commands.
  ///
  /// - Parameter timeout: how long to wait for a next outcome. However many commands there are, it is the controller's silence that ends
  ///   the wait.
  /// - Throws: `KafkaError` when the answers can't be read, `CancellationError`.
  package func answers(to commands: [NewCommand], timeout: Duration) async throws -> [CommandAnswer] {
    // Every command gets an id: it makes the answer findable when the broker doesn't tell the offset, and a repeat harmless.
    let commands = commands.map { command in
      var command = command
      command.message.id = command.message.id ?? Self.randomID()
      return command
    }
    let settings = settings
    // Asked before sending: the answers can only come after it.
    let start = try await admin.onThread {
      try $0.watermarks(of: settings.partition(.events), isolation: .readUncommitted, timeout: settings.requestTimeout)
        .high
    }
    let sent = await send(commands)
    let expected = zip(commands, sent).map { OutcomeCollector.Expected(key: $0.key, id: $0.message.id, sent: $1) }
    let isCancelled = Locked(false)
    return try await withTaskCancellationHandler {
      try await NamedThread.run("thaw-answers") {
        try Self.collect(expected, from: start, settings, timeout) { isCancelled.withLock { $0 } }
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
  }

  private static func collect(
    _ expected: [OutcomeCollector.Expected], from start: Int64, _ settings: KafkaLogSettings, _ timeout: Duration,
    isCancelled: () -> Bool
  ) throws -> [CommandAnswer] {
    var collector = OutcomeCollector(expected)
    guard !collector.isComplete else { return collector.answers(in: settings.name(.commands)) }
    let consumer = try Consumer(settings.kafka, isolation: .readCommitted)
    defer { consumer.close() }
    try consumer.start(settings.partition(.events), at: .offset(start))
    var deadline = ContinuousClock.now + timeout
    while !collector.isComplete, ContinuousClock.now < deadline {
      if isCancelled() { throw CancellationError() }
      let before = collector.open
      for event in try consumer.poll(max: 1000, timeout: .milliseconds(100)) {
        switch event {
        case .record(let record): collector.take(try EventRecord.decode(ControlRecord(record, of: .events)))
        case .endOfPartition: collector.reachedEnd()
        case .failed(let partition, let error): if partition != nil, error.isPermanentForReader { throw error }
        }
      }
      if collector.open < before { deadline = .now + timeout }
    }
    return collector.answers(in: settings.name(.commands))
  }

  private static func randomID() -> String {
    "thaw-" + String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}

package import ControlTopics
import Kafka
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

  /// Appends the commands in order; returns their offsets, nil where the broker acknowledged a repeat without telling.
  package func send(_ commands: [NewCommand]) async throws -> [Int64?] {
    try await producer.send(
      commands.map { $0.message.record(for: $0.key).kafka(in: settings.naming) }
    ).map(\.offset)
  }

  package func decide(_ command: NewCommand, timeout: Duration) async throws -> DecidedCommand {
    let decided = try await decide([command], timeout: timeout)
    guard let first = decided.first else { throw UndecidedCommand(topic: settings.name(.commands)) }
    return first
  }

  /// Sends the commands in order and waits until all are decided; throws `UndecidedCommand` for the first that isn't within `timeout`.
  package func decide(_ commands: [NewCommand], timeout: Duration) async throws -> [DecidedCommand] {
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
    let offsets = try await send(commands)
    let expected = zip(commands, offsets).map { OutcomeCollector.Expected(key: $0.key, id: $0.message.id, offset: $1) }
    let isCancelled = Locked(false)
    return try await withTaskCancellationHandler {
      try await NamedThread.run("thaw-answers") {
        try Self.collect(expected, from: start, settings, until: .now + timeout) { isCancelled.withLock { $0 } }
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
  }

  private static func collect(
    _ expected: [OutcomeCollector.Expected], from start: Int64, _ settings: KafkaLogSettings,
    until deadline: ContinuousClock.Instant, isCancelled: () -> Bool
  ) throws -> [DecidedCommand] {
    var collector = OutcomeCollector(expected)
    let consumer = try Consumer(settings.kafka, isolation: .readCommitted)
    defer { consumer.close() }
    try consumer.start(settings.partition(.events), at: .offset(start))
    while !collector.isComplete {
      if isCancelled() { throw CancellationError() }
      guard ContinuousClock.now < deadline else {
        throw UndecidedCommand(topic: settings.name(.commands), offset: collector.firstOpen?.offset)
      }
      for event in try consumer.poll(max: 1000, timeout: .milliseconds(100)) {
        switch event {
        case .record(let record): collector.take(try EventRecord.decode(ControlRecord(record, of: .events)))
        case .endOfPartition: collector.reachedEnd()
        case .failed(let partition, let error): if partition != nil, error.isPermanentForReader { throw error }
        }
      }
    }
    return collector.decided
  }

  private static func randomID() -> String {
    "thaw-" + String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}

/// Picks the answers to some commands out of the events. A decision is visible as a whole or not at all, so it is complete when
/// another event, or the end, follows it.
struct OutcomeCollector {
  struct Expected {
    var key: ResourceKey
    var id: String?
    var offset: Int64?
  }

  private var expected: [Expected]
  private var outcomes: [EventRecord?]
  private var events: [[EventRecord]]
  private var isClosed: [Bool]

  init(_ expected: [Expected]) {
    self.expected = expected
    outcomes = Array(repeating: nil, count: expected.count)
    events = Array(repeating: [], count: expected.count)
    isClosed = Array(repeating: false, count: expected.count)
  }

  var isComplete: Bool { isClosed.allSatisfy { $0 } }
  var firstOpen: Expected? { zip(expected, outcomes).first { $0.1 == nil }?.0 }

  var decided: [DecidedCommand] {
    zip(outcomes, events).compactMap { outcome, events in
      guard let outcome, case .command(let offset, _) = outcome.event.cause else { return nil }
      return DecidedCommand(offset: offset, outcome: outcome, events: events)
    }
  }

  mutating func take(_ record: EventRecord) {
    let owner = index(of: record)
    for index in expected.indices where index != owner && outcomes[index] != nil { isClosed[index] = true }
    guard let owner else { return }
    events[owner].append(record)
    if record.event.outcome { outcomes[owner] = record }
  }

  mutating func reachedEnd() {
    for index in expected.indices where outcomes[index] != nil { isClosed[index] = true }
  }

  private func index(of record: EventRecord) -> Int? {
    guard case .command(let offset, let id) = record.event.cause else { return nil }
    return expected.firstIndex { expected in
      if let known = expected.offset { return known == offset }
      return expected.id != nil && expected.id == id && record.event.key == expected.key
    }
  }
}

package import ControlTopics
package import Kafka
package import RestoreModel

/// Picks the answers to some commands out of the events, in a time that grows with the events alone. A decision is visible as a whole or
/// not at all, so it is complete when another event, or the end, follows it.
package struct OutcomeCollector {
  package struct Expected {
    package var key: ResourceKey
    package var id: String?
    /// Its offset, nil when the broker acknowledged without telling.
    package var sent: Result<Int64?, KafkaError>

    package init(key: ResourceKey, id: String?, sent: Result<Int64?, KafkaError>) {
      self.key = key
      self.id = id
      self.sent = sent
    }
  }

  private struct Name: Hashable {
    var key: ResourceKey?
    var id: String
  }

  private struct Found {
    var events: [EventRecord] = []
    var outcome: (offset: Int64, record: EventRecord)?
    var isComplete = false
  }

  private let expected: [Expected]
  private var found: [Found]
  private var byOffset: [Int64: Int] = [:]
  /// Of those whose offset isn't known.
  private var byName: [Name: Int] = [:]
  /// Whose events come now; a decision's stand together.
  private var current: Int?
  /// How many answers are yet to come.
  package private(set) var open = 0

  package init(_ expected: [Expected]) {
    self.expected = expected
    found = Array(repeating: Found(), count: expected.count)
    for (index, command) in expected.enumerated() {
      guard case .success(let offset) = command.sent else { continue }
      open += 1
      if let offset {
        byOffset[offset] = index
      } else if let id = command.id {
        let name = Name(key: command.key, id: id)
        byName[name] = byName[name] ?? index
      }
    }
  }

  package var isComplete: Bool { open == 0 }

  package mutating func take(_ record: EventRecord) {
    guard case .command(let offset, let id) = record.event.cause,
      let owner = byOffset[offset] ?? id.flatMap({ byName[Name(key: record.event.key, id: $0)] })
    else { return complete(andGoOnWith: nil) }
    if owner != current { complete(andGoOnWith: owner) }
    guard !found[owner].isComplete else { return }
    found[owner].events.append(record)
    if record.event.outcome { found[owner].outcome = (offset, record) }
  }

  package mutating func reachedEnd() { complete(andGoOnWith: current) }

  private mutating func complete(andGoOnWith next: Int?) {
    if let current, found[current].outcome != nil, !found[current].isComplete {
      found[current].isComplete = true
      open -= 1
    }
    current = next
  }

  /// In the order of the commands. What has an outcome is decided, even if nothing has followed it yet.
  ///
  /// - Parameter topic: the name of `commands`.
  package func answers(in topic: String) -> [CommandAnswer] {
    zip(expected, found).map { command, found in
      switch (command.sent, found.outcome) {
      case (.failure(let error), _): .unsent(error)
      case (.success, let outcome?):
        .decided(DecidedCommand(offset: outcome.offset, outcome: outcome.record, events: found.events))
      case (.success(let offset), nil): .undecided(UndecidedCommand(topic: topic, offset: offset))
      }
    }
  }
}

package import JSON

/// The first place at which the recorded history doesn't agree with itself, or with what `specs` and `status` hold.
package struct AuditDifference: Error, Hashable, Sendable {
  package enum Problem: String, CaseIterable, Hashable, Sendable {
    /// A record that no owner of this version can have written.
    case unreadable = "Unreadable"
    case missingEvent = "MissingEvent"
    /// An event stands where none like it can: its epoch, its time, or the command that it answers is not the next one.
    case order = "Order"
    /// The uid, run, generation or hash that an event states is not that of the state which the events up to it lead to.
    case state = "State"
    /// `specs` or `status` hold something else than what the events lead to.
    case head = "Head"
  }

  package var problem: Problem
  package var topic: ControlTopic
  /// In `topic`; nil when it is no single record's fault.
  package var offset: Int64?
  /// Nil when it is the fault of no key.
  package var key: RecordKey?
  /// Of the event concerned.
  package var sequence: Int64?
  package var message: String

  package init(
    _ problem: Problem, topic: ControlTopic, offset: Int64?, key: RecordKey? = nil, sequence: Int64? = nil,
    _ message: String
  ) {
    self.problem = problem
    self.topic = topic
    self.offset = offset
    self.key = key
    self.sequence = sequence
    self.message = message
  }

  package init(_ corrupt: CorruptLog) {
    self.init(.unreadable, topic: corrupt.topic, offset: corrupt.offset, corrupt.message)
  }

  /// `thaw.events-0 at offset 12: restores/default/orders: …`
  package func described(in naming: TopicNaming) -> String {
    let name = naming.name(of: topic)
    let place = offset.map { "\(name)-0 at offset \($0)" } ?? name
    return [place, key?.description, message].compactMap { $0 }.joined(separator: ": ")
  }

  package var json: JSONValue {
    .build { fields in
      fields.put("problem", problem.rawValue)
      fields.put("topic", topic.rawValue)
      fields["offset"] = offset.map { .int($0) } ?? .null
      fields["key"] = key.map { .string($0.description) } ?? .null
      fields["sequence"] = sequence.map { .int($0) } ?? .null
      fields.put("message", message)
    }
  }
}

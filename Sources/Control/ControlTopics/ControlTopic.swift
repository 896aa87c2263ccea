/// The four topics in which everything is kept. Each has one partition: a total order is worth more here than throughput.
package enum ControlTopic: String, CaseIterable, Sendable, Hashable {
  /// What anybody asks; written by anybody, one command a record.
  case commands
  /// The documents: metadata and spec, compacted by key. Written by the owner alone, as are the next two.
  case specs
  /// The status of each document, compacted by key.
  case status
  /// What was decided, once and in order.
  case events
}

/// How the topics of one installation are called in a cluster that may hold several.
package struct TopicNaming: Hashable, Sendable {
  package static let defaultPrefix = "thaw."

  package let prefix: String

  package init(prefix: String = TopicNaming.defaultPrefix) { self.prefix = prefix }

  package func name(of topic: ControlTopic) -> String { prefix + topic.rawValue }

  package func topic(named name: String) -> ControlTopic? {
    ControlTopic.allCases.first { self.name(of: $0) == name }
  }

  /// Consumer group and transactional id of the one owner: both are fixed, so that a new owner fences the old one.
  package var owner: String { prefix + "controller" }
}

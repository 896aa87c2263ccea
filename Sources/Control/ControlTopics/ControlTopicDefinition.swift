/// How a control topic must be created. `topics/*.yaml` says the same to people and tools; a test holds the two equal.
package struct ControlTopicDefinition: Hashable, Sendable {
  package enum CleanupPolicy: String, Sendable { case delete, compact }

  package let topic: ControlTopic
  /// Always one: a total order.
  package let partitions = 1
  package let cleanupPolicy: CleanupPolicy
  /// Bytes of a batch. Commands have less than the others: what a command leads to holds its document, and more.
  package let maxMessageBytes: Int
  /// Beyond cleanup policy and size, in Kafka's names.
  private let settings: [(name: String, value: String)]

  package static let all = ControlTopic.allCases.map { of($0) }

  package static func of(_ topic: ControlTopic) -> ControlTopicDefinition {
    switch topic {
    case .commands:
      ControlTopicDefinition(
        topic, .delete, maxMessageBytes: 1_048_576, kept + [("message.timestamp.type", "LogAppendTime")])
    case .specs, .status: ControlTopicDefinition(topic, .compact, maxMessageBytes: 4_194_304, compacted)
    case .events: ControlTopicDefinition(topic, .delete, maxMessageBytes: 4_194_304, kept)
    }
  }

  /// Kept for ever, whatever the cluster's defaults are; an operator may shorten it.
  private static let kept = [("retention.ms", "-1"), ("retention.bytes", "-1")]

  /// Small segments and a low ratio keep what a new owner has to read short; a week for tombstones lets a standby be away for some days.
  private static let compacted = [
    ("segment.bytes", "67108864"), ("segment.ms", "86400000"), ("min.cleanable.dirty.ratio", "0.1"),
    ("delete.retention.ms", "604800000"),
  ]

  private init(
    _ topic: ControlTopic, _ cleanupPolicy: CleanupPolicy, maxMessageBytes: Int, _ settings: [(String, String)]
  ) {
    self.topic = topic
    self.cleanupPolicy = cleanupPolicy
    self.maxMessageBytes = maxMessageBytes
    self.settings = settings
  }

  package static func == (left: ControlTopicDefinition, right: ControlTopicDefinition) -> Bool {
    left.topic == right.topic
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(topic) }

  /// - Parameter brokers: how many the cluster has.
  package static func replicationFactor(brokers: Int) -> Int { max(1, min(3, brokers)) }

  /// The whole configuration in Kafka's names, explicit so that no default of the cluster matters.
  package func configuration(brokers: Int) -> [(name: String, value: String)] {
    var all = [(name: "cleanup.policy", value: cleanupPolicy.rawValue)]
    all.append((name: "max.message.bytes", value: String(maxMessageBytes)))
    all += settings
    all.append((name: "unclean.leader.election.enable", value: "false"))
    if Self.replicationFactor(brokers: brokers) == 3 { all.append((name: "min.insync.replicas", value: "2")) }
    return all
  }
}

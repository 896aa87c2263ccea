package import ControlTopics
package import Kafka

/// Control topics that have fewer copies than they should: every one that is lost then is one too many.
package enum CopiesWarning {
  /// Nil when all is well, as on a cluster that has one broker and no sign of another.
  package static func of(_ cluster: ClusterDescription, _ naming: TopicNaming) -> String? {
    let brokers = cluster.knownBrokers
    guard brokers.count > 1 else { return nil }
    let wanted = ControlTopicDefinition.replicationFactor(brokers: 3)
    let copies = ControlTopic.allCases.compactMap { topic in
      cluster.topics[naming.name(of: topic)].map { (name: $0.name, count: $0.replicationFactor) }
    }
    let short = copies.filter { $0.count < wanted }
    guard let least = short.map(\.count).min() else { return nil }
    let present = cluster.brokers.map(\.id).sorted().map(String.init).joined(separator: ", ")
    return
      "warning: \(short.map(\.name).joined(separator: ", ")) \(short.count == 1 ? "has" : "have") \(least) of \(wanted) copies; brokers "
      + "that answer: \(present). When \(wanted) do, make the copies with kafka-reassign-partitions.sh and set min.insync.replicas=2"
  }
}

extension ClusterDescription {
  /// Those that answer, and those that some partition has a copy on.
  var knownBrokers: Set<Int32> {
    Set(brokers.map(\.id)).union(topics.values.flatMap { $0.partitions.flatMap(\.replicas) })
  }
}

import CommandLineParser
import ControlTopics
import JSON

extension TopicsVerbs {
  /// Their definitions, for who creates topics by other means. Counts are those of a cluster with three brokers or more.
  static func print(_ context: Context) {
    let naming = TopicNaming(prefix: context.topicPrefix)
    let brokers = 3
    let replication = ControlTopicDefinition.replicationFactor(brokers: brokers)
    guard context.invocation.value("output") == "json" else {
      for definition in ControlTopicDefinition.all {
        context.terminal.print("\(naming.name(of: definition.topic))")
        context.terminal.print(
          "  partitions \(definition.partitions), replication \(replication) (or the number of brokers, if fewer)")
        for (name, value) in definition.configuration(brokers: brokers) { context.terminal.print("  \(name)=\(value)") }
      }
      return
    }
    let topics: [JSONValue] = ControlTopicDefinition.all.map { definition in
      [
        "name": .string(naming.name(of: definition.topic)), "partitions": .int(Int64(definition.partitions)),
        "replicationFactor": .int(Int64(replication)),
        "configuration": .object(
          JSONObject(definition.configuration(brokers: brokers).map { ($0.name, .string($0.value)) })),
      ]
    }
    context.terminal.print(JSONValue.array(topics).text(.pretty))
  }
}

import ControlPlane
import ControlTopics
import Kafka

/// Whether the control topics are what the contract says. Blocks its thread.
struct TopicCheck {
  let settings: KafkaLogSettings
  let admin: Admin

  /// Throws all that is wrong, each with its remedy.
  func require(in cluster: ClusterDescription) throws {
    let problems = try problems(in: cluster)
    guard problems.isEmpty else { throw ControlLogFailure(problems.joined(separator: "\n")) }
  }

  func problems(in cluster: ClusterDescription) throws -> [String] {
    let missing = ControlTopic.allCases.map(settings.name).filter { cluster.topics[$0] == nil }
    guard missing.isEmpty else {
      return [
        "no topic \(missing.joined(separator: ", ")) on \(settings.kafka.bootstrapServers): run `thaw topics create`"
      ]
    }
    return try ControlTopicDefinition.all.flatMap { definition in
      let name = settings.name(definition.topic)
      let entries = try admin.describeConfig(.topic(name), timeout: settings.requestTimeout)
      return definition.problems(
        configuration: entries.compactMapValues(\.value), partitions: cluster.topics[name]?.partitionCount ?? 0,
        naming: settings.naming)
    }
  }
}

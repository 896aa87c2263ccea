package import ControlTopics
package import Kafka

/// Where the control topics are, and how long things may take there.
package struct KafkaLogSettings: Sendable {
  package var kafka: KafkaConfiguration
  package var naming: TopicNaming
  /// Name of this replica, its `group.instance.id`; nil: `<host>-<n>`, the lowest n whose lock is free.
  package var instance: String?
  /// How long a dead owner is waited for. Brokers accept no less than their `group.min.session.timeout.ms`, 6 s by default.
  package var sessionTimeout: Duration = .seconds(10)
  /// After it the broker aborts a transaction that its owner left open.
  package var transactionTimeout: Duration = .seconds(10)
  /// For each call to a broker.
  package var requestTimeout: Duration = .seconds(10)

  package init(kafka: KafkaConfiguration, naming: TopicNaming = TopicNaming(), instance: String? = nil) {
    self.kafka = kafka
    self.naming = naming
    self.instance = instance
  }

  func name(_ topic: ControlTopic) -> String { naming.name(of: topic) }
  func partition(_ topic: ControlTopic) -> TopicPartition { TopicPartition(name(topic), 0) }

  /// Room for the largest record that the topics take; librdkafka's own limit is 1 MB.
  static let largestBatch = ControlTopicDefinition.all.map(\.maxMessageBytes).max() ?? 1_000_000

  func kafka(adding properties: [String: String]) -> KafkaConfiguration {
    var configuration = kafka
    configuration.properties.merge(properties) { $1 }
    return configuration
  }
}

extension Duration {
  var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

import CLibrdkafka
import Glibc

/// What a configuration entry belongs to.
package enum ConfigResource: Sendable, Hashable, CustomStringConvertible {
  case topic(String)
  case broker(Int32)

  var type: rd_kafka_ResourceType_t {
    switch self {
    case .topic: RD_KAFKA_RESOURCE_TOPIC
    case .broker: RD_KAFKA_RESOURCE_BROKER
    }
  }

  var name: String {
    switch self {
    case .topic(let name): name
    case .broker(let id): "\(id)"
    }
  }

  package var description: String {
    switch self {
    case .topic(let name): "topic \(name)"
    case .broker(let id): "broker \(id)"
    }
  }
}

/// One configuration value in force.
package struct ConfigEntry: Sendable, Equatable {
  /// Where a value comes from (KIP-226), the strongest first.
  package enum Source: Sendable, Equatable {
    case topic
    case broker
    case brokerDefault
    case staticBroker
    case builtIn
    case unknown
  }

  package let name: String
  /// `nil`: null, or a secret that brokers don't tell.
  package let value: String?
  package let source: Source
  package let isDefault: Bool
  package let isSensitive: Bool
  package let isReadOnly: Bool
}

extension Admin {
  /// All entries of a resource by name. A missing topic is the error `.unknownTopicOrPartition`, and stays missing.
  package func describeConfig(_ resource: ConfigResource, timeout: Duration) throws(KafkaError) -> [String: ConfigEntry]
  {
    let objects = try AdminObjects([Self.makeObject(resource)]) { rd_kafka_ConfigResource_destroy($0) }
    let reply = try request(
      RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout: timeout,
      options: { options, complaint in
        guard case .broker(let id) = resource else { return RD_KAFKA_RESP_ERR_NO_ERROR }
        return rd_kafka_AdminOptions_set_broker(options, id, &complaint, complaint.count)
      }
    ) { rd_kafka_DescribeConfigs($0, objects.pointers, objects.count, $1, $2) }
    var count = 0
    let result = rd_kafka_event_DescribeConfigs_result(reply.event)
    let resources = rd_kafka_DescribeConfigs_result_resources(result, &count)
    try checkResources(resources, count)
    guard let resources, count > 0, let first = resources[0] else { return [:] }
    let entries = rd_kafka_ConfigResource_configs(first, &count)
    return Dictionary(
      UnsafeBufferPointer(start: entries, count: count).compactMap { $0.map(Self.entry) }.map { ($0.name, $0) }
    ) { first, _ in first }
  }

  /// Sets some entries of a topic (`nil` takes one back to its default), leaves the others as they are, and waits until the change shows.
  ///
  /// With librdkafka 2.2 and newer by IncrementalAlterConfigs (KIP-339). Before, AlterConfigs replaces everything set on
  /// the topic: what stands there is read and sent along, and a change that somebody makes in between is lost.
  package func setConfig(ofTopic topic: String, _ changes: [String: String?], timeout: Duration) throws(KafkaError) {
    guard !changes.isEmpty else { return }
    let deadline = Deadline(timeout)
    let before = try describeConfig(.topic(topic), timeout: timeout)
    if let alter = IncrementalAlterConfigs.available {
      try alterIncrementally(alter, topic, changes, timeout: deadline.remaining)
    } else {
      var entries: [String: String] = [:]
      for entry in before.values where entry.source == .topic { entries[entry.name] = entry.value }
      for (name, value) in changes { entries[name] = value }
      try replaceConfig(ofTopic: topic, entries, timeout: deadline.remaining)
    }
    while true {
      let now = try describeConfig(.topic(topic), timeout: max(deadline.remaining, .milliseconds(100)))
      let shows = changes.allSatisfy { name, value in
        guard let value else { return now[name]?.source != .topic }
        // A broker may write a value its own way ("01" as "1"): then it shows by being another than before.
        return now[name]?.value == value || now[name] != before[name]
      }
      if shows { return }
      guard !deadline.isOver else {
        throw client.error(RD_KAFKA_RESP_ERR__TIMED_OUT, "the new configuration of \(topic) doesn't show yet")
      }
      usleep(20_000)
    }
  }

  private func replaceConfig(ofTopic topic: String, _ entries: [String: String], timeout: Duration) throws(KafkaError) {
    let object = try Self.makeObject(.topic(topic))
    let objects = AdminObjects([object]) { rd_kafka_ConfigResource_destroy($0) }
    for (name, value) in entries { try client.check(rd_kafka_ConfigResource_set_config(object, name, value)) }
    let reply = try request(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, timeout: timeout) {
      rd_kafka_AlterConfigs($0, objects.pointers, objects.count, $1, $2)
    }
    var count = 0
    let result = rd_kafka_event_AlterConfigs_result(reply.event)
    try checkResources(rd_kafka_AlterConfigs_result_resources(result, &count), count)
  }

  private func alterIncrementally(
    _ alter: IncrementalAlterConfigs, _ topic: String, _ changes: [String: String?], timeout: Duration
  ) throws(KafkaError) {
    let object = try Self.makeObject(.topic(topic))
    let objects = AdminObjects([object]) { rd_kafka_ConfigResource_destroy($0) }
    for (name, value) in changes {
      let operation: Int32 = value == nil ? 1 : 0  // DELETE, SET of rd_kafka_AlterConfigOpType_t
      try client.check(alter.add(object, name, operation, value))
    }
    let reply = try request(RD_KAFKA_ADMIN_OP_ANY, timeout: timeout) {
      alter.submit($0, objects.pointers, objects.count, $1, $2)
    }
    var count = 0
    try checkResources(alter.resources(alter.result(reply.event), &count), count)
  }

  static func makeObject(_ resource: ConfigResource) throws(KafkaError) -> OpaquePointer {
    guard let object = rd_kafka_ConfigResource_new(resource.type, resource.name) else {
      throw KafkaError(.invalidArgument, "no such resource can be: \(resource)")
    }
    return object
  }

  private func checkResources(_ resources: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int) throws(KafkaError) {
    for case .some(let resource) in UnsafeBufferPointer(start: resources, count: count) {
      let code = rd_kafka_ConfigResource_error(resource)
      guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
      let name = rd_kafka_ConfigResource_name(resource).map { String(cString: $0) } ?? "?"
      let text = rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) }
      throw client.error(code, "configuration of \(name): \(text ?? KafkaError.Code(code).sentence)")
    }
  }

  private static func entry(_ entry: OpaquePointer) -> ConfigEntry {
    let source: ConfigEntry.Source =
      switch rd_kafka_ConfigEntry_source(entry) {
      case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG: .topic
      case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG: .broker
      case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG: .brokerDefault
      case RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG: .staticBroker
      case RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG: .builtIn
      default: .unknown
      }
    return ConfigEntry(
      name: rd_kafka_ConfigEntry_name(entry).map { String(cString: $0) } ?? "",
      value: rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) }, source: source,
      isDefault: rd_kafka_ConfigEntry_is_default(entry) != 0,
      isSensitive: rd_kafka_ConfigEntry_is_sensitive(entry) != 0,
      isReadOnly: rd_kafka_ConfigEntry_is_read_only(entry) != 0)
  }
}

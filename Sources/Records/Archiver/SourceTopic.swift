import Kafka

/// A topic as it is when a capture begins.
struct SourceTopic {
  let name: String
  /// By partition: the log's start and the high watermark, which an open transaction does not hold back.
  let bounds: [Range<Int64>]
  /// What is set on the topic itself.
  let configuration: [String: String]
  /// Whether records may vanish from the middle of a partition.
  let isCompacted: Bool

  init(_ name: String, _ admin: Admin, timeout: Duration) throws {
    guard let topic = try admin.describeTopic(name, timeout: timeout) else { throw ArchiverError.noSuchTopic(name) }
    self.name = name
    let entries = try admin.describeConfig(.topic(name), timeout: timeout)
    configuration = entries.values.reduce(into: [:]) { settings, entry in
      guard entry.source == .topic, !entry.isSensitive, let value = entry.value else { return }
      settings[entry.name] = value
    }
    isCompacted = entries["cleanup.policy"]?.value?.split(separator: ",").contains("compact") ?? false
    bounds = try (0..<Int32(topic.partitionCount)).map { partition in
      let marks = try admin.watermarks(
        of: TopicPartition(name, partition), isolation: .readUncommitted, timeout: timeout)
      return marks.low..<max(marks.low, marks.high)
    }
  }
}

package struct TopicPartition: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let topic: String
  package let partition: Int32

  package init(_ topic: String, _ partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
    (left.topic, left.partition) < (right.topic, right.partition)
  }

  package var description: String { "\(topic)-\(partition)" }
}

/// What a consumer group has committed for a partition: the next offset to read, and up to 4,095 bytes of the committer's
/// own (Kafka's `offset.metadata.max.bytes`).
package struct CommittedPosition: Sendable, Hashable {
  package let offset: Int64
  package let metadata: [UInt8]

  package init(offset: Int64, metadata: [UInt8] = []) {
    self.offset = offset
    self.metadata = metadata
  }

  package init(offset: Int64, metadata: String) { self.init(offset: offset, metadata: Array(metadata.utf8)) }
}

/// Which records a reader sees, and which end a query answers: the last stable offset, or the true end (KIP-98).
package enum Isolation: String, Sendable {
  case readCommitted = "read_committed"
  case readUncommitted = "read_uncommitted"
}

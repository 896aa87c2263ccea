/// A header: names may repeat and keep their order; a null value is not an empty one.
package struct KafkaHeader: Sendable, Hashable {
  package let name: String
  package let value: [UInt8]?

  package init(_ name: String, _ value: [UInt8]?) {
    self.name = name
    self.value = value
  }

  package init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }
}

package enum TimestampType: Sendable, Hashable {
  case notAvailable
  case createTime
  case logAppendTime
}

package struct ConsumedRecord: Sendable, Hashable {
  package let topic: String
  package let partition: Int32
  package let offset: Int64
  /// Milliseconds since 1970, UTC; -1 when the record has none.
  package let timestamp: Int64
  package let timestampType: TimestampType
  package let key: [UInt8]?
  package let value: [UInt8]?
  package let headers: [KafkaHeader]
}

package struct OutgoingRecord: Sendable, Hashable {
  package var topic: String
  /// `nil` lets the partitioner choose.
  package var partition: Int32?
  package var key: [UInt8]?
  package var value: [UInt8]?
  package var headers: [KafkaHeader]
  /// Milliseconds since 1970, UTC; `nil` is now. librdkafka cannot carry 0 (it takes that for "now"): it is refused.
  package var timestamp: Int64?

  package init(
    topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [KafkaHeader] = [],
    timestamp: Int64? = nil
  ) {
    self.topic = topic
    self.partition = partition
    self.key = key
    self.value = value
    self.headers = headers
    self.timestamp = timestamp
  }
}

/// Where a record has arrived.
package struct RecordPosition: Sendable, Hashable {
  package let topic: String
  package let partition: Int32
  /// `nil` when the broker acknowledged a repeated request of the idempotent producer, which doesn't say the offset again.
  package let offset: Int64?
}

/// Who set the timestamps of a segment's records (`message.timestamp.type` of the source topic, at the time).
package enum TimestampKind: String, Hashable, Sendable, CaseIterable {
  case createTime = "CreateTime"
  case logAppendTime = "LogAppendTime"
  /// Records from before Kafka 0.10 have none.
  case none = "NoTimestampType"
}

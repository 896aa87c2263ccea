package import RestoreModel

extension OutgoingControlRecord {
  /// An upper bound of the bytes of a batch that holds this record alone, uncompressed: what `max.message.bytes` limits.
  /// 61 of the batch's header and at most 36 of the record's own numbers (KIP-98's format, magic 2).
  package var largestBatchBytes: Int {
    headers.reduce(61 + 36 + key.count + (value?.count ?? 0)) { size, header in
      size + header.name.utf8.count + (header.value?.count ?? 0) + 10
    }
  }
}

extension Rejection {
  /// Whether a decision's records fit into their topics; it is asked before the decision is taken. A rejection always fits itself.
  package static func tooLarge(_ records: some Sequence<OutgoingControlRecord>) -> Rejection? {
    for record in records {
      let limit = ControlTopicDefinition.of(record.topic).maxMessageBytes
      guard record.largestBatchBytes > limit else { continue }
      return Rejection(
        .tooLarge,
        "a record for the topic \(record.topic.rawValue) would have \(record.largestBatchBytes) bytes, more than its max.message.bytes of \(limit)"
      )
    }
    return nil
  }
}

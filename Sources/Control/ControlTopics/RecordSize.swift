extension OutgoingControlRecord {
  /// An upper bound of the bytes of a batch that holds this record alone, uncompressed: what `max.message.bytes` limits.
  /// 61 of the batch's header and at most 36 of the record's own numbers (KIP-98's format, magic 2).
  package var largestBatchBytes: Int {
    headers.reduce(61 + 36 + key.count + (value?.count ?? 0)) { size, header in
      size + header.name.utf8.count + (header.value?.count ?? 0) + 10
    }
  }
}

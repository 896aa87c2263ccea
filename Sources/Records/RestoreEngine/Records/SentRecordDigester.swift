import ColdStorage

/// Digests records as they are sent, which may differ from how they are stored.
final class SentRecordDigester {
  private let digests: Bool
  private let digester: RecordDigester
  private let offsetHeader: OffsetHeader?

  init(_ changes: RecordChanges) throws(BatchError) {
    digests = changes.digests
    digester = try RecordDigester()
    offsetHeader = changes.offsetHeader.map { OffsetHeader(name: $0) }
  }

  /// - Parameter timestamp: the one that is sent.
  func digest(_ record: RecordView, timestamp: Int64) throws(BatchError) -> RecordsDigest {
    guard timestamp != record.timestamp || offsetHeader != nil else { return try digest(asStored: record) }
    return try digest(
      ChangedRecord(
        record, offset: record.offset, timestamp: timestamp, addedHeader: offsetHeader?.with(record.offset)))
  }

  /// Of a record as it is sent.
  func digest(_ record: ChangedRecord) throws(BatchError) -> RecordsDigest {
    digests ? try digester.digest(of: record) : .counting(1)
  }

  private func digest(asStored record: RecordView) throws(BatchError) -> RecordsDigest {
    digests ? try digester.digest(of: record) : .counting(1)
  }
}

extension RecordsDigest {
  /// Where only the number matters.
  static func counting(_ records: Int64) -> RecordsDigest {
    RecordsDigest(records: records, timestamps: .empty, rest: .empty)
  }
}

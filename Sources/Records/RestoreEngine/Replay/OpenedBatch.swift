import ColdStorage

/// A stored batch whose records lie inflated in memory that is left alone until its end.
struct OpenedBatch {
  /// A second walk over all records.
  let allRecords: RecordCursor
  /// In which its records are encoded again.
  let codec: BatchCodec
  /// Of all records of the batch, as they are stored.
  let storedDigest: RecordsDigest
  /// The source offset from which on to go on behind it.
  let nextOffset: Int64
  /// The batch's own digest doesn't say what is sent.
  var digestsRecords: Bool
  private(set) var isOver = false
  /// The last record given was given for the first time.
  private(set) var isNew = true
  private var cursor: RecordCursor
  private var pending: RecordView?
  private let batch: StoredBatch

  init(_ batch: StoredBatch, _ inflated: RecordBuffer, _ codec: BatchCodec, nextOffset: Int64, digestsRecords: Bool) {
    self.batch = batch
    self.codec = codec
    allRecords = RecordCursor(batch.header, records: inflated.bytes)
    cursor = allRecords
    storedDigest = batch.digest
    self.nextOffset = nextOffset
    self.digestsRecords = digestsRecords
  }

  mutating func next() throws(BatchError) -> RecordView? {
    if let pending {
      self.pending = nil
      isNew = false
      return pending
    }
    isNew = true
    let record = try cursor.next()
    isOver = record == nil
    return record
  }

  /// The next one again.
  mutating func putBack(_ record: RecordView) { pending = record }

  func failure(_ error: BatchError) -> ArchiveError { batch.failure(error) }
}

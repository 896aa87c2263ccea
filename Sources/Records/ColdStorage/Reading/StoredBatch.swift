/// A batch as it lies in its segment, checked against its checksum and not opened.
///
/// `bytes` is borrowed from the reader: it holds until the reader's next step.
package struct StoredBatch {
  package enum Verdict: Hashable, Sendable {
    /// Every record is wanted: the batch need not be opened.
    case whole
    /// Perhaps not every record is wanted, and perhaps none: open it and look.
    case someRecords
  }

  package let header: BatchHeader
  /// Header and records, `header.size` bytes.
  package private(set) var bytes: UnsafeRawBufferPointer
  package let verdict: Verdict
  /// Of all of the batch's records, as computed when it was captured. What was wanted only of some records has no
  /// digest yet.
  package let digest: RecordsDigest
  package let timestampType: TimestampKind
  package let place: BatchPlace
  /// Bytes of all keys, values and headers, uncompressed, if the segment's records were all of one size. The estimates of a segment's batches
  /// make up what the segment has.
  package let estimatedContentBytes: Int64
  /// What to look for: everything when the verdict says whole.
  let selection: Selection

  /// The records as stored, perhaps compressed.
  var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.byteCount...]) }

  /// The same batch in other memory, into which it was copied.
  package func moved(to bytes: UnsafeRawBufferPointer) -> StoredBatch {
    var moved = self
    moved.bytes = bytes
    return moved
  }

  /// The wanted records, `inflated` being what `BatchInflater` made of this batch. A `BatchError` of the cursor
  /// becomes an error with a place by `failure`.
  package func records(_ inflated: RecordBuffer) -> RecordCursor {
    RecordCursor(header, records: inflated.bytes, selection: selection)
  }

  package func failure(_ error: BatchError) -> ArchiveError {
    place.failure(error, header.baseOffset...header.lastOffset)
  }
}

/// Where a batch is, for messages.
package struct BatchPlace: Hashable, Sendable {
  /// The path or URL.
  package let file: String
  /// In bytes from the file's beginning.
  package let position: UInt64

  func failure(_ error: BatchError, _ offsets: ClosedRange<Int64>) -> ArchiveError {
    switch error {
    case .outOfMemory: .batch(error)
    default: .damaged(DamagedSegment(file: file, position: position, offsets: offsets, reason: error.description))
    }
  }
}

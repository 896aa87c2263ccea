/// Gives the batches of one partition in offset order, less those that hold nothing wanted. Meant for a thread of its
/// own: calls block, and memory is bounded whatever the archive's size.
package final class PartitionReader {
  package let selection: Selection
  package let partition: Int32
  private let store: any BlobStore
  private let folder: TopicFolder
  private var segments: ArraySlice<SegmentEntry>
  private let buffer: RecordBuffer
  private let window: Int
  private var current: (entry: SegmentEntry, reader: SegmentReader)?

  init(
    _ store: any BlobStore, _ folder: TopicFolder, _ index: PartitionIndex, _ selection: Selection, window: Int
  ) throws(ArchiveError) {
    self.store = store
    self.folder = folder
    self.selection = selection
    self.window = window
    partition = index.partition
    segments = index.segments[...]
    do {
      buffer = try RecordBuffer(capacity: window, limit: Int.max / 2)
    } catch {
      throw .batch(error)
    }
  }

  /// The next batch with something wanted in it; nil at the selection's end. Throws `damaged` where the archive is not
  /// what it should be; there is no going on after that.
  package func next() throws(ArchiveError) -> StoredBatch? {
    while let (entry, reader) = try currentSegment() {
      // Damage beyond the last wanted offset is none of this reader's business.
      if let until = selection.untilOffset, reader.nextOffset >= until {
        segments = []
        current = nil
        return nil
      }
      guard let step = try reader.next() else {
        current = nil
        continue
      }
      if let batch = batch(step, entry) { return batch }
    }
    return nil
  }

  /// Puts the batch given last into `slot`, in place of what that held, without a copy where it is large: `batch.bytes` must not be used any more.
  ///
  /// - Returns: the batch's bytes, for as long as the slot is left alone.
  package func hand(
    _ batch: StoredBatch, to slot: RecordBuffer
  ) throws(BatchError) -> UnsafeRawBufferPointer {
    if let current { return try current.reader.hand(batch.bytes, to: slot) }
    slot.setCount(0)
    try slot.append(batch.bytes)
    return slot.bytes
  }

  private func currentSegment() throws(ArchiveError) -> (SegmentEntry, SegmentReader)? {
    if let current { return current }
    var entry: SegmentEntry
    // One by one: a copy of those that are wanted would be megabytes, for a reader that may take a few.
    repeat {
      guard let next = segments.popFirst() else { return nil }
      entry = next
    } while selection.verdict(of: entry.extent) == .none
    let reader = try SegmentReader(store, folder, partition, entry, .quick, buffer: buffer, window: window)
    current = (entry, reader)
    return (entry, reader)
  }

  private func batch(_ step: SegmentReader.Step, _ entry: SegmentEntry) -> StoredBatch? {
    guard step.header.recordCount > 0 else { return nil }
    let verdict: StoredBatch.Verdict
    switch selection.verdict(of: step.header.extent(in: entry)) {
    case .none: return nil
    case .whole: verdict = .whole
    case .someRecords: verdict = .someRecords
    }
    return StoredBatch(
      header: step.header, bytes: step.bytes, verdict: verdict, digest: step.digest,
      timestampType: entry.timestampType, place: step.place,
      estimatedContentBytes: entry.contentBytes(before: step.recordsBefore + step.digest.records)
        - entry.contentBytes(before: step.recordsBefore),
      selection: verdict == .whole ? .everything : selection)
  }
}

extension SegmentEntry {
  /// What its first `count` records have if all are of one size.
  fileprivate func contentBytes(before count: Int64) -> Int64 {
    guard records > 0, count > 0 else { return 0 }
    return Int64(clamping: UInt128(contentBytes) * UInt128(count) / UInt128(records))
  }
}

extension BatchHeader {
  /// A batch's base timestamp is its first record's, or a delete horizon, but no minimum: that, only the segment knows.
  func extent(in entry: SegmentEntry) -> Selection.Extent {
    Selection.Extent(
      baseOffset: baseOffset, lastOffset: lastOffset,
      minTimestamp: attributes.isLogAppendTime ? maxTimestamp : min(entry.minTimestamp, maxTimestamp),
      maxTimestamp: maxTimestamp)
  }
}

/// Writes the records of one partition, from where its archive ends. What it wrote counts from
/// `TopicArchiveWriter.commit` on.
///
/// Nothing that is listed is ever changed: a writer only adds segments, so whoever reads by an older index is not
/// disturbed.
package final class PartitionWriter {
  package struct Limits: Hashable, Sendable {
    /// A segment ends with the first batch that takes it here or beyond.
    package var segmentBytes: UInt64
    /// Readers keep 32 bytes of each batch of a segment in memory.
    package var segmentBatches: Int64
    /// Before compression, header included; a record that is larger has a batch to itself.
    package var batchBytes: Int

    package init(segmentBytes: UInt64 = 128 << 20, segmentBatches: Int64 = 65_536, batchBytes: Int = 1_000_000) {
      self.segmentBytes = segmentBytes
      self.segmentBatches = segmentBatches
      self.batchBytes = batchBytes
    }
  }

  /// As committed, plus the segments finished since.
  package private(set) var index: PartitionIndex
  private let store: any BlobStore
  private let folder: TopicFolder
  private let limits: Limits
  private let codec: BatchCodec
  /// Only while there are records to write: a topic may have thousands of partitions.
  private var builder: BatchBuilder?
  private let digester: RecordDigester
  private var totals = RecordTotals.empty
  private var digest = RecordsDigest.empty
  private var type = TimestampKind.createTime
  private var segment: SegmentWriter?
  private var nextOffset: Int64
  private var run = GaplessRun()
  /// The last record that this writer was given.
  package private(set) var last: LastRecord?

  init(
    _ store: any BlobStore, _ folder: TopicFolder, _ index: PartitionIndex, _ codec: BatchCodec, _ limits: Limits
  ) throws(ArchiveError) {
    self.store = store
    self.folder = folder
    self.index = index
    self.limits = limits
    nextOffset = index.endOffset
    self.codec = codec
    do {
      digester = try RecordDigester()
    } catch {
      throw .batch(error)
    }
  }

  /// The lowest offset that the next record may have.
  package var resumeOffset: Int64 { nextOffset }

  /// Adds a record. After an error the writer is of no more use; what was committed is untouched.
  package func append(_ record: SourceRecord, _ type: TimestampKind) throws(ArchiveError) {
    guard record.offset >= nextOffset else {
      throw .batch(
        .damaged("offset \(record.offset) of partition \(index.partition) comes again, after \(nextOffset - 1)"))
    }
    if type != self.type {
      try finishSegment()
      self.type = type
    }
    if record.offset > nextOffset {
      if run.endsBatch { try finishBatch() }
      run = GaplessRun()
    }
    if try !add(record) {
      try finishBatch()
      guard try add(record) else { throw .batch(.tooLarge(bytes: record.contentSize, limit: limits.batchBytes)) }
    }
    nextOffset = record.offset + 1
    run.add(contentSize: record.contentSize)
    let sum: RecordsDigest
    do {
      sum = try digester.digest(of: record)
    } catch {
      throw .batch(error)
    }
    digest.append(sum)
    totals.add(timestamp: record.timestamp, contentSize: record.contentSize, sizeAlone: record.sizeAlone)
    last = LastRecord(offset: record.offset, digest: sum)
  }

  /// Says that retention deleted offsets before they could be read. What was added before is finished first, since the
  /// end of what is archived moves behind the loss.
  package func recordLoss(_ offsets: Range<Int64>) throws(ArchiveError) {
    guard !offsets.isEmpty else { return }
    try finishSegment()
    index.losses.append(offsets)
    nextOffset = max(nextOffset, offsets.upperBound)
    index.endOffset = max(index.endOffset, nextOffset)
  }

  /// Makes everything added so far durable, and says up to where (exclusive) the topic was read. Not visible before
  /// the commit.
  package func finish(endOffset: Int64) throws(ArchiveError) {
    try finishSegment()
    builder = nil
    nextOffset = max(nextOffset, endOffset)
    index.endOffset = max(index.endOffset, nextOffset)
  }

  private func add(_ record: SourceRecord) throws(ArchiveError) -> Bool {
    if builder == nil { builder = try BatchBuilder(codec: codec, limit: limits.batchBytes) }
    do {
      return try builder?.add(record) ?? false
    } catch {
      throw .batch(error)
    }
  }

  private func finishBatch() throws(ArchiveError) {
    let batch: (header: BatchHeader, bytes: UnsafeRawBufferPointer)?
    do {
      batch = try builder?.finish()
    } catch {
      throw .batch(error)
    }
    guard let batch else { return }
    let segment: SegmentWriter
    if let open = self.segment {
      segment = open
    } else {
      segment = try SegmentWriter(store, folder, index.partition, baseOffset: batch.header.baseOffset, type)
      self.segment = segment
    }
    try segment.append(batch.header, batch.bytes, totals, digest)
    totals = .empty
    digest = .empty
    if segment.size >= limits.segmentBytes || segment.batches >= limits.segmentBatches { try closeSegment() }
  }

  private func finishSegment() throws(ArchiveError) {
    try finishBatch()
    try closeSegment()
  }

  private func closeSegment() throws(ArchiveError) {
    guard let segment else { return }
    self.segment = nil
    // A capture that goes on after a crash begins with a segment, and writes what this one would have.
    run = GaplessRun()
    guard let entry = try segment.finish() else { return }
    index.segments.append(entry)
    index.endOffset = entry.lastOffset + 1
  }
}

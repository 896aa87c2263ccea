import Crypto

/// Writes one segment and then its `.digests`. Until `finish` there is no file under the segment's name.
final class SegmentWriter {
  let timestampType: TimestampKind
  private let store: any BlobStore
  private let digestsKey: BlobKey
  private let file: any BlobWriter
  private var tally = SegmentTally()
  private var hash: SegmentHash?

  init(
    _ store: any BlobStore, _ folder: TopicFolder, _ partition: Int32, baseOffset: Int64, _ type: TimestampKind
  ) throws(ArchiveError) {
    self.store = store
    timestampType = type
    digestsKey = try folder.file(SegmentEntry.digestsFile(baseOffset), partition)
    let key = try folder.file(SegmentEntry.file(baseOffset), partition)
    file = try store.archive { store throws(StorageError) in try store.create(key) }
    hash = try SegmentHash(.both)
  }

  var size: UInt64 { tally.size }
  var batches: Int64 { tally.batches }

  func append(
    _ header: BatchHeader, _ bytes: UnsafeRawBufferPointer, _ totals: RecordTotals, _ digest: RecordsDigest
  ) throws(ArchiveError) {
    do {
      try file.append(bytes)
    } catch {
      throw .storage(error)
    }
    hash?.update(bytes)
    tally.add(header, totals, digest)
  }

  /// Makes both files durable. Nil when there was no record, and then there is no file.
  func finish() throws(ArchiveError) -> SegmentEntry? {
    guard !tally.isEmpty, let hash = hash.take() else { return nil }
    let sums = try hash.finish()
    let digests = tally.digests
    let digestsSum = try SHA256Sum.archived(digests)
    try store.archive { store throws(StorageError) in
      try file.finish()
      try store.write(digestsKey, digests)
    }
    return tally.entry(timestampType, sums, digestsSHA256: digestsSum)
  }
}

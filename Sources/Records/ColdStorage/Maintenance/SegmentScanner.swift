import Crypto

/// Learns from a segment alone what `segments.json` says of it: opens every batch and every record.
final class SegmentScanner {
  private let buffer: RecordBuffer
  private let slot: RecordBuffer
  private let inflater: BatchInflater
  private let digester: RecordDigester

  init() throws(ArchiveError) {
    buffer = try .make(capacity: 4 << 20)
    slot = try .make()
    inflater = try BatchInflater()
    do {
      digester = try RecordDigester()
    } catch {
      throw .batch(error)
    }
  }

  /// - Parameters:
  ///   - baseOffset: of the file's name.
  ///   - type: what an older index said, which the batches themselves do not.
  /// - Returns: nil when there is no record in it; else its entry and the bytes of its `.digests`.
  func scan(
    _ store: any BlobStore, _ key: BlobKey, baseOffset: Int64, _ type: TimestampKind?
  ) throws(ArchiveError) -> (entry: SegmentEntry, digests: [UInt8])? {
    let window = try SegmentWindow(
      store, key, size: nil, offsets: baseOffset...(.max - 1), sums: .both, buffer: buffer)
    var tally = SegmentTally()
    var appended = true
    while !window.isAtEnd {
      let place = BatchPlace(file: window.file, position: window.position)
      let next = tally.lastOffset.map { $0 + 1 } ?? baseOffset
      let header = try header(window, place, next)
      // The file's name is the base offset that the index will hold.
      guard !tally.isEmpty || header.baseOffset == baseOffset else {
        throw place.failure(.damaged("its first batch has another offset than its name"), next...header.lastOffset)
      }
      let offsets = header.baseOffset...header.lastOffset
      guard let bytes = try window.take(header.size) else {
        throw place.failure(.damaged("its last batch is cut off"), offsets)
      }
      do {
        try header.check(bytes)
        let (totals, digest) = try open(header, bytes)
        tally.add(header, totals, digest)
      } catch {
        throw place.failure(error, offsets)
      }
      appended = appended && header.attributes.isLogAppendTime
    }
    guard let sums = try window.sums() else { return nil }
    let digestsSHA256 = try SHA256Sum.archived(tally.digests)
    let found = type ?? (appended ? .logAppendTime : .createTime)
    return tally.entry(found, sums, digestsSHA256: digestsSHA256).map { ($0, tally.digests) }
  }

  private func header(_ window: SegmentWindow, _ place: BatchPlace, _ next: Int64) throws(ArchiveError) -> BatchHeader {
    let bytes = try window.peek(BatchHeader.byteCount)
    do throws(BatchError) {
      guard let bytes else { throw BatchError.damaged("a batch header is cut off") }
      let header = try BatchHeader(parsing: bytes)
      guard header.baseOffset >= next else {
        throw BatchError.damaged("a batch begins at offset \(header.baseOffset), which is out of order")
      }
      // Whether its transaction was committed, the segment of a broker does not say by itself.
      guard !header.attributes.isControl, !header.attributes.isTransactional else {
        throw BatchError.unsupported("it is part of a transaction, as in the log of a broker, and no archive's")
      }
      return header
    } catch {
      throw place.failure(error, next...(.max - 1))
    }
  }

  /// What a batch's records add up to.
  func open(
    _ header: BatchHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(BatchError) -> (RecordTotals, RecordsDigest) {
    let payload = UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.byteCount...])
    try inflater.inflate(payload, header.attributes.codec, into: slot)
    var totals = RecordTotals.empty
    var digest = RecordsDigest.empty
    var records = RecordCursor(header, records: slot.bytes)
    while let record = try records.next() {
      totals.add(record)
      digest.append(try digester.digest(of: record))
    }
    // By this field alone a reader of a time window passes a batch over.
    if let latest = totals.timestamps?.upperBound, latest > header.maxTimestamp {
      throw .damaged("its header says that no record is later than \(header.maxTimestamp), and one is of \(latest)")
    }
    return (totals, digest)
  }
}

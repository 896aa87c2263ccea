import ColdStorage
import Kafka
import RestoreModel

/// Hands the records of batches to librdkafka one by one: the innermost loop of a Restore.
///
/// A batch that goes out whole and unchanged within one transaction brings the digest that it was captured with; only of what is cut or changed
/// is a digest computed here.
final class RecordWriter {
  private let producer: LaneProducer
  private let changes: RecordChanges
  private let digester: RecordDigester
  /// The record as it is sent where that differs from how it is stored; its memory is used again and again.
  private var changed = SourceRecord(offset: 0, timestamp: 0, key: nil, value: nil)
  private let digits = UnsafeMutableRawBufferPointer.allocate(byteCount: 20, alignment: 1)

  init(_ producer: LaneProducer, _ changes: RecordChanges) throws(BatchError) {
    self.producer = producer
    self.changes = changes
    digester = try RecordDigester()
  }

  deinit { digits.deallocate() }

  func write(
    _ batch: LoadedBatch, to target: Int, _ tally: inout SendTally, budget: inout Int
  ) throws -> SendOutcome {
    if changes.offsetHeader != nil { batch.digestsRecords = true }
    // Locals: a class's properties cost a check at every access.
    var (cursor, pending) = (batch.cursor, batch.pending)
    defer { (batch.cursor, batch.pending) = (cursor, pending) }
    let selection = batch.selection
    let slot = batch.slot
    while true {
      guard let record = try pending ?? cursor?.next() else { break }
      pending = record
      switch Self.verdict(record, selection) {
      case .outside: break
      case .filtered:
        tally.recordsRead += 1
        tally.recordsFiltered += 1
        tally.bytesRead += Int64(record.contentSize)
        tally.nextOffset = record.offset + 1
      case .selected:
        guard budget > 0 else { return .budgetSpent }
        let timestamp = record.timestamp == 0 ? try nearest(record, batch, pending, &tally) : record.timestamp
        if record.headerCount > 0 || changes.offsetHeader != nil { try addHeaders(record) }
        guard
          try producer.produce(to: target, slot: slot, timestamp: timestamp, key: record.key, value: record.value)
            == .queued
        else {
          producer.dropHeaders()
          return .full
        }
        if batch.digestsRecords {
          try digest(record, timestamp, &tally)
        }
        if record.timestamp == 0 { tally.zeroTimestamps += 1 }
        let size = record.contentSize
        tally.recordsRead += 1
        tally.bytesRead += Int64(size)
        tally.bytesSent += Int64(size)
        tally.nextOffset = record.offset + 1
        budget -= max(1, size)
      }
      pending = nil
    }
    if !batch.digestsRecords { append(batch.storedDigest, &tally) }
    tally.nextOffset = min(batch.lastOffset + 1, selection.untilOffset ?? .max)
    return .sent
  }

  private enum Verdict {
    /// Not of the offsets that the run has to look at.
    case outside
    case filtered
    case selected
  }

  @inline(__always)
  private static func verdict(_ record: RecordView, _ selection: Selection) -> Verdict {
    if let from = selection.fromOffset, record.offset < from { return .outside }
    if let until = selection.untilOffset, record.offset >= until { return .outside }
    return selection.contains(offset: record.offset, timestamp: record.timestamp) ? .selected : .filtered
  }

  /// The time that is sent in place of 0. The batch's own digest no longer says what is sent.
  private func nearest(
    _ record: RecordView, _ batch: LoadedBatch, _ pending: RecordView?, _ tally: inout SendTally
  ) throws -> Int64 {
    guard changes.onZeroTimestamp == .nearest else {
      throw RunFault(
        reason: "ZeroTimestamp",
        message:
          "the record at offset \(record.offset) has timestamp 0, which can't be sent, and onZeroTimestamp is fail")
    }
    batch.pending = pending
    try digestPrefix(of: batch, &tally)
    return RecordChanges.nearestToZero
  }

  private func addHeaders(_ record: RecordView) throws {
    var headers = record.headers
    while let header = try headers.next() { try producer.addHeader(name: header.name, value: header.value) }
    guard let name = changes.offsetHeader else { return }
    let value = decimal(record.offset)
    try name.withUnsafeBytes { try producer.addHeader(name: $0, value: value) }
  }

  private func decimal(_ offset: Int64) -> UnsafeRawBufferPointer {
    var (rest, start) = (UInt64(max(0, offset)), digits.count)
    repeat {
      start -= 1
      digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    } while rest > 0
    return UnsafeRawBufferPointer(rebasing: digits[start...])
  }
}

// What the records are, as they are sent.
extension RecordWriter {
  /// From here on the batch's records are digested one by one: brings the tally up to what was sent of it already, which is everything
  /// before `pending`.
  func digestPrefix(of batch: LoadedBatch, _ tally: inout SendTally) throws(BatchError) {
    guard !batch.digestsRecords else { return }
    batch.digestsRecords = true
    guard let pending = batch.pending, var sent = batch.records else { return }
    while let record = try sent.next(), record.offset < pending.offset {
      try digest(record, record.timestamp, &tally)
    }
  }

  private func digest(_ record: RecordView, _ timestamp: Int64, _ tally: inout SendTally) throws(BatchError) {
    guard changes.digests else { return append(RecordsDigest(records: 1, timestamps: .empty, rest: .empty), &tally) }
    guard timestamp != record.timestamp || changes.offsetHeader != nil else {
      return tally.digest.append(try digester.digest(of: record))
    }
    changed.offset = record.offset
    changed.timestamp = timestamp
    changed.key = record.key
    changed.value = record.value
    changed.headers.removeAll(keepingCapacity: true)
    var headers = record.headers
    while let header = try headers.next() { changed.headers.append(header) }
    guard let name = changes.offsetHeader else { return tally.digest.append(try digester.digest(of: changed)) }
    let value = decimal(record.offset)
    let sum: Result<RecordsDigest, BatchError> = name.withUnsafeBytes { name in
      changed.headers.append(HeaderView(name: name, value: value))
      return Result { () throws(BatchError) in try digester.digest(of: changed) }
    }
    tally.digest.append(try sum.get())
  }

  private func append(_ digest: RecordsDigest, _ tally: inout SendTally) {
    tally.digest.append(
      changes.digests ? digest : RecordsDigest(records: digest.records, timestamps: .empty, rest: .empty))
  }
}

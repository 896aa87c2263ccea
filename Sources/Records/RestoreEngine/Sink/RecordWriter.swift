import ColdStorage
import Kafka
import RestoreModel

/// Takes records one by one.
protocol RecordOutlet: AnyObject {
  /// Adds a header to the record of the next `offer`.
  func addHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) throws(KafkaError)
  func dropHeaders()
  /// False when the queue is full and nothing was taken. The value's memory must stay as it is until the record is acknowledged.
  func offer(
    to target: Int, slot: Int, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
  ) throws(KafkaError) -> Bool
}

extension LaneProducer: RecordOutlet {
  func offer(
    to target: Int, slot: Int, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
  ) throws(KafkaError) -> Bool {
    try produce(to: target, slot: slot, timestamp: timestamp, key: key, value: value) == .queued
  }
}

/// Hands the records of batches on one by one: the innermost loop of a Restore.
///
/// A batch that goes out whole and unchanged within one transaction brings the digest that it was captured with; only of what is cut or
/// changed is a digest computed here.
final class RecordWriter<Outlet: RecordOutlet> {
  private let outlet: Outlet
  private let changes: RecordChanges
  private let digester: SentRecordDigester
  private let offsetHeader: OffsetHeader?

  init(_ outlet: Outlet, _ changes: RecordChanges) throws(BatchError) {
    self.outlet = outlet
    self.changes = changes
    digester = try SentRecordDigester(changes)
    offsetHeader = changes.offsetHeader.map { OffsetHeader(name: $0) }
  }

  func write(
    _ batch: LoadedBatch, to target: Int, _ tally: inout SendTally, budget: inout Int
  ) throws -> SendOutcome {
    if changes.mayTouchEveryRecord { batch.digestsRecords = true }
    // Locals: a class's properties cost a check at every access.
    var (cursor, pending) = (batch.cursor, batch.pending)
    defer { (batch.cursor, batch.pending) = (cursor, pending) }
    while true {
      var verdict = RecordVerdict.selected
      if pending == nil {
        guard let next = try cursor?.next() else { break }
        pending = next
        verdict = try self.verdict(next, batch.selection, &tally)
      }
      guard let record = pending else { break }
      switch verdict {
      case .outside: break
      case .filtered: tally.count(filtered: record)
      case .selected:
        guard budget > 0 else { return .budgetSpent }
        let timestamp = try changes.timestamp(of: record)
        if timestamp != record.timestamp, !batch.digestsRecords {
          batch.pending = record
          try digestPrefix(of: batch, &tally)
        }
        guard try send(record, timestamp, to: target, slot: batch.slot) else { return .full }
        if batch.digestsRecords { tally.digest.append(try digester.digest(record, timestamp: timestamp)) }
        tally.count(sent: record, timestamp)
        budget -= max(1, record.contentSize)
      }
      pending = nil
    }
    if !batch.digestsRecords {
      tally.digest.append(changes.digests ? batch.storedDigest : .counting(batch.storedDigest.records))
    }
    tally.nextOffset = min(batch.lastOffset + 1, batch.selection.untilOffset ?? .max)
    return .sent
  }

  /// From here on the batch's records are digested one by one: brings the tally up to what was sent of it already, which is everything
  /// before `pending`.
  func digestPrefix(of batch: LoadedBatch, _ tally: inout SendTally) throws(BatchError) {
    guard !batch.digestsRecords else { return }
    batch.digestsRecords = true
    guard let pending = batch.pending, var sent = batch.records else { return }
    while let record = try sent.next(), record.offset < pending.offset {
      tally.digest.append(try digester.digest(record, timestamp: record.timestamp))
    }
  }

  /// Asked once for each record.
  @inline(__always)
  private func verdict(
    _ record: RecordView, _ selection: Selection, _ tally: inout SendTally
  ) throws -> RecordVerdict {
    let verdict = RecordVerdict(record, selection)
    guard verdict == .selected, changes.readsSchemaIDs else { return verdict }
    return try SchemaIDs.map(record, changes, &tally.schemas) == .skip ? .filtered : .selected
  }

  @inline(__always)
  private func send(_ record: RecordView, _ timestamp: Int64, to target: Int, slot: Int) throws -> Bool {
    if record.headerCount > 0 || offsetHeader != nil { try addHeaders(record) }
    if try outlet.offer(to: target, slot: slot, timestamp: timestamp, key: record.key, value: record.value) {
      return true
    }
    outlet.dropHeaders()
    return false
  }

  private func addHeaders(_ record: RecordView) throws {
    var headers = record.headers
    while let header = try headers.next() { try outlet.addHeader(name: header.name, value: header.value) }
    guard let header = offsetHeader?.with(record.offset) else { return }
    try outlet.addHeader(name: header.name, value: header.value)
  }
}

enum RecordVerdict {
  /// Not of the offsets that the run has to look at.
  case outside
  case filtered
  case selected

  @inline(__always)
  init(_ record: RecordView, _ selection: Selection) {
    if let from = selection.fromOffset, record.offset < from {
      self = .outside
    } else if let until = selection.untilOffset, record.offset >= until {
      self = .outside
    } else {
      self = selection.contains(offset: record.offset, timestamp: record.timestamp) ? .selected : .filtered
    }
  }
}

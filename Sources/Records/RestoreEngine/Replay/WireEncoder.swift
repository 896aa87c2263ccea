import ColdStorage
import RestoreModel

/// Encodes records of opened batches as batches for the wire, numbered without gaps. Large ones are left for others to compress. One reader's thread has one, for all of its feeds in turn.
final class WireEncoder {
  let digester: SentRecordDigester
  private let offsetHeader: OffsetHeader?
  private let pool: PackingPool
  private var builders: [BatchCodec: BatchBuilder] = [:]
  private(set) var current: BatchBuilder?

  init(_ changes: RecordChanges, _ pool: PackingPool) throws(BatchError) {
    self.pool = pool
    digester = try SentRecordDigester(changes)
    offsetHeader = changes.offsetHeader.map { OffsetHeader(name: $0) }
  }

  var isEmpty: Bool { current?.isEmpty ?? true }

  /// - Parameter limit: bytes before compression.
  func begin(_ codec: BatchCodec, limit: Int) throws {
    let builder = try builders[codec] ?? BatchBuilder(codec: codec, limit: limit)
    builders[codec] = builder
    builder.limit = limit
    current = builder
  }

  /// Whether `bytes` of records surely fit, however they are numbered.
  func hasRoom(bytes: Int, records: Int32) -> Bool {
    guard let current else { return false }
    // A number and a time of up to five bytes more, and a longer length, for each.
    return current.isEmpty ? true : bytes + Int(records) * 16 <= current.room
  }

  /// The record as it is sent, borrowed until the next call.
  @inline(__always)
  func changed(_ record: RecordView, number: Int32) -> ChangedRecord {
    ChangedRecord(
      record, offset: Int64(number), timestamp: record.timestamp, addedHeader: offsetHeader?.with(record.offset))
  }

  /// The batch, if others are to compress it; else `finish` it.
  func seal() throws(BatchError) -> UnpackedBatch? {
    guard let current, !current.isEmpty, pool.takes(current.codec, bytes: current.size) else { return nil }
    return try current.seal(goingOnIn: pool.buffer())
  }

  /// The batch's bytes, borrowed until the next call; nil when it has no record.
  func finish() throws(BatchError) -> UnsafeRawBufferPointer? { try current?.finish()?.bytes }
}

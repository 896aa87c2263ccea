import ColdStorage
import RestoreModel

/// Encodes records of opened batches as batches for the wire, numbered without gaps. One reader's thread has one, for all of its feeds in turn.
final class WireEncoder {
  let changes: RecordChanges
  let digester: SentRecordDigester
  private var builders: [BatchCodec: BatchBuilder] = [:]
  private(set) var current: BatchBuilder?
  /// The record as it is sent; its memory is used again and again.
  private var record = SourceRecord(offset: 0, timestamp: 0, key: nil, value: nil)
  private let headerName: UnsafeMutableRawBufferPointer?
  private let digits = DecimalDigits()

  init(_ changes: RecordChanges) throws(BatchError) {
    self.changes = changes
    digester = try SentRecordDigester(changes)
    headerName = changes.offsetHeader.map { name in
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, name.count), alignment: 1)
      memory.copyBytes(from: name)
      return memory
    }
  }

  deinit { headerName?.deallocate() }

  var isEmpty: Bool { current?.isEmpty ?? true }

  /// - Parameter limit: bytes before compression.
  func begin(_ codec: BatchCodec, limit: Int) throws {
    let builder = try builders[codec] ?? BatchBuilder(codec: codec)
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

  /// False, and nothing is added, when it doesn't fit any more.
  func add(_ view: RecordView) throws -> Bool {
    guard let current else { return false }
    record.offset = Int64(current.recordCount)
    record.timestamp = view.timestamp
    record.key = view.key
    record.value = view.value
    if view.headerCount > 0 || headerName != nil || !record.headers.isEmpty {
      record.headers.removeAll(keepingCapacity: true)
      var headers = view.headers
      while let header = try headers.next() { record.headers.append(header) }
      if let name = changes.offsetHeader, let headerName {
        record.headers.append(
          HeaderView(
            name: UnsafeRawBufferPointer(rebasing: headerName[..<name.count]), value: digits.write(view.offset)))
      }
    }
    return try current.add(record)
  }

  /// The batch's bytes, borrowed until the next call; nil when it has no record.
  func finish() throws(BatchError) -> UnsafeRawBufferPointer? { try current?.finish()?.bytes }
}

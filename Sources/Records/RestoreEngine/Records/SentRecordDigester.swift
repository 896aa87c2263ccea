import ColdStorage

/// Digests records as they are sent, which may differ from how they are stored.
final class SentRecordDigester {
  private let changes: RecordChanges
  private let digester: RecordDigester
  /// The record as it is sent; its memory is used again and again.
  private var changed = SourceRecord(offset: 0, timestamp: 0, key: nil, value: nil)
  private let digits = DecimalDigits()

  init(_ changes: RecordChanges) throws(BatchError) {
    self.changes = changes
    digester = try RecordDigester()
  }

  /// - Parameter timestamp: the one that is sent.
  func digest(_ record: RecordView, timestamp: Int64) throws(BatchError) -> RecordsDigest {
    guard changes.digests else { return .counting(1) }
    guard timestamp != record.timestamp || changes.offsetHeader != nil else { return try digester.digest(of: record) }
    changed.offset = record.offset
    changed.timestamp = timestamp
    changed.key = record.key
    changed.value = record.value
    changed.headers.removeAll(keepingCapacity: true)
    var headers = record.headers
    while let header = try headers.next() { changed.headers.append(header) }
    guard let name = changes.offsetHeader else { return try digester.digest(of: changed) }
    let value = digits.write(record.offset)
    let sum: Result<RecordsDigest, BatchError> = name.withUnsafeBytes { name in
      changed.headers.append(HeaderView(name: name, value: value))
      return Result { () throws(BatchError) in try digester.digest(of: changed) }
    }
    return try sum.get()
  }
}

extension RecordsDigest {
  /// Where only the number matters.
  static func counting(_ records: Int64) -> RecordsDigest {
    RecordsDigest(records: records, timestamps: .empty, rest: .empty)
  }
}

/// An offset in decimal, in memory that is used again and again.
final class DecimalDigits {
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 20, alignment: 1)

  deinit { memory.deallocate() }

  /// Borrowed until the next call.
  func write(_ offset: Int64) -> UnsafeRawBufferPointer {
    var (rest, start) = (UInt64(max(0, offset)), memory.count)
    repeat {
      start -= 1
      memory[start] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    } while rest > 0
    return UnsafeRawBufferPointer(rebasing: memory[start...])
  }
}

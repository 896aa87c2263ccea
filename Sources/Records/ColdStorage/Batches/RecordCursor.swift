/// Walks over the records of one batch, in offset order, without allocating.
package struct RecordCursor {
  private var cursor: ByteCursor
  private let header: BatchHeader
  private let selection: Selection
  private var left: Int32
  private var lastDelta: Int32 = -1

  /// - Parameters:
  ///   - records: the batch's bytes after its header, inflated.
  ///   - selection: only its records are given; the others are checked and passed over.
  package init(_ header: BatchHeader, records: UnsafeRawBufferPointer, selection: Selection = .everything) {
    cursor = ByteCursor(records)
    self.header = header
    self.selection = selection
    left = header.recordCount
  }

  /// Nil after the last one. Throws when the bytes do not hold what they say or what the batch's header says, or hold
  /// more.
  package mutating func next() throws(BatchError) -> RecordView? {
    while left > 0 {
      left -= 1
      let record = try decode()
      if selection.contains(offset: record.offset, timestamp: record.timestamp) { return record }
    }
    guard cursor.remaining == 0 else { throw .damaged("the batch is longer than its records") }
    return nil
  }

  @inline(__always)
  private mutating func decode() throws(BatchError) -> RecordView {
    let length = Int(try cursor.varint32())
    var body = ByteCursor(try cursor.bytes(length))
    _ = try body.byte()
    let timestampDelta = try body.varint64()
    let offsetDelta = try body.varint32()
    guard offsetDelta > lastDelta, offsetDelta <= header.lastOffsetDelta else {
      throw .damaged("a record's offset is out of order")
    }
    lastDelta = offsetDelta
    let key = try body.nullableBytes()
    let value = try body.nullableBytes()
    let headerCount = try body.varint32()
    // A header takes two bytes at least.
    guard headerCount >= 0, Int(headerCount) <= body.remaining / 2 else {
      throw .damaged("a record says that it has \(headerCount) headers")
    }
    guard headerCount > 0 || body.remaining == 0 else { throw .damaged("a record is longer than what is in it") }
    let headers = HeaderCursor(body, count: headerCount)
    return RecordView(
      offset: header.baseOffset + Int64(offsetDelta),
      // Wraps as Java's addition does.
      timestamp: header.attributes.isLogAppendTime ? header.maxTimestamp : header.baseTimestamp &+ timestampDelta,
      key: key, value: value, headerCount: headerCount, headers: headers,
      contentSize: (key?.count ?? 0) + (value?.count ?? 0) + (headerCount > 0 ? try Self.contentSize(headers) : 0),
      sizeAlone: SourceRecord.sizeAlone(
        body: length + 2 - SourceRecord.varintSize(timestampDelta) - SourceRecord.varintSize(Int64(offsetDelta))))
  }

  private static func contentSize(_ headers: HeaderCursor) throws(BatchError) -> Int {
    var headers = headers
    var size = 0
    while let header = try headers.next() { size += header.contentSize }
    return size
  }
}

/// Digests records one by one. It owns the memory in which a record's canonical bytes are laid out.
///
/// Canonical, all integers big-endian: the timestamp in 8 bytes; and for the rest the key's length in 4 (−1 for null)
/// and the key, likewise the value, the number of headers in 4, and for each its name's length and name, its value's
/// length (−1 for null) and value.
package final class RecordDigester {
  private let canonical: RecordBuffer

  package init() throws(BatchError) { canonical = try RecordBuffer(capacity: 4096, limit: Int.max / 2) }

  package func digest(of record: RecordView) throws(BatchError) -> RecordsDigest {
    let count = Int(record.headerCount)
    var writer = try begin(record.key, record.value, headers: count, contentSize: record.contentSize)
    if count > 0 {
      var headers = record.headers
      while let header = try headers.next() { Self.write(header, to: &writer) }
    }
    return finish(record.timestamp, writer)
  }

  package func digest(of record: SourceRecord) throws(BatchError) -> RecordsDigest {
    var writer = try begin(
      record.key, record.value, headers: record.headers.count, contentSize: record.contentSize)
    for header in record.headers { Self.write(header, to: &writer) }
    return finish(record.timestamp, writer)
  }

  package func digest(of record: ChangedRecord) throws(BatchError) -> RecordsDigest {
    var writer = try begin(
      record.key, record.value, headers: record.headerCount,
      contentSize: record.record.contentSize + (record.addedHeader?.contentSize ?? 0))
    try record.forEachHeader { Self.write($0, to: &writer) }
    return finish(record.timestamp, writer)
  }

  /// Of all records that `cursor` gives from here on.
  package func digest(of cursor: RecordCursor) throws(BatchError) -> RecordsDigest {
    var cursor = cursor
    var sum = RecordsDigest.empty
    while let record = try cursor.next() { sum.append(try digest(of: record)) }
    return sum
  }

  private func begin(
    _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?, headers: Int, contentSize: Int
  ) throws(BatchError) -> RawWriter {
    // Three numbers of the record and two of each header.
    try canonical.reserve(3 * 4 + headers * 2 * 4 + contentSize)
    var writer = RawWriter(canonical.space)
    Self.write(key, to: &writer)
    Self.write(value, to: &writer)
    writer.write(bigEndian: Int32(truncatingIfNeeded: headers))
    return writer
  }

  @inline(__always)
  private static func write(_ bytes: UnsafeRawBufferPointer?, to writer: inout RawWriter) {
    guard let bytes else { return writer.write(bigEndian: -1 as Int32) }
    writer.write(bigEndian: Int32(truncatingIfNeeded: bytes.count))
    writer.write(bytes)
  }

  private static func write(_ header: HeaderView, to writer: inout RawWriter) {
    write(header.name, to: &writer)
    write(header.value, to: &writer)
  }

  private func finish(_ timestamp: Int64, _ writer: RawWriter) -> RecordsDigest {
    let bytes = UnsafeRawBufferPointer(rebasing: canonical.space[..<writer.position])
    return RecordsDigest(
      records: 1, timestamps: Self.digest(ofTimestamp: timestamp), rest: Digest(ofRecord: bytes))
  }

  static func digest(ofTimestamp timestamp: Int64) -> Digest {
    withUnsafeBytes(of: timestamp.bigEndian) { Digest(ofRecord: $0) }
  }
}

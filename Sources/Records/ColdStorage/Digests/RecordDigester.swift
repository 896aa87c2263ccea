/// Digests records one by one. It owns the memory in which a record's canonical bytes are laid out.
///
/// Canonical, all integers big-endian: the timestamp in 8 bytes; and for the rest the key's length in 4 (−1 for null) and the key, likewise the
/// value, the number of headers in 4, and for each its name's length and name, its value's length (−1 for null) and value.
package final class RecordDigester {
  private let canonical: RecordBuffer

  package init() throws(BatchError) { canonical = try RecordBuffer(capacity: 4096, limit: Int.max / 2) }

  package func digest(of record: RecordView) throws(BatchError) -> RecordsDigest {
    try begin(record.key, record.value, headers: Int(record.headerCount))
    if record.headerCount > 0 {
      var headers = record.headers
      while let header = try headers.next() { try add(header) }
    }
    return finish(record.timestamp)
  }

  package func digest(of record: SourceRecord) throws(BatchError) -> RecordsDigest {
    try begin(record.key, record.value, headers: record.headers.count)
    for header in record.headers { try add(header) }
    return finish(record.timestamp)
  }

  /// Of all records that `cursor` gives from here on.
  package func digest(of cursor: RecordCursor) throws(BatchError) -> RecordsDigest {
    var cursor = cursor
    var sum = RecordsDigest.empty
    while let record = try cursor.next() { sum.append(try digest(of: record)) }
    return sum
  }

  private func begin(
    _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?, headers: Int
  ) throws(BatchError) {
    canonical.setCount(0)
    try add(key)
    try add(value)
    try canonical.append(bigEndian: Int32(truncatingIfNeeded: headers))
  }

  private func add(_ bytes: UnsafeRawBufferPointer?) throws(BatchError) {
    guard let bytes else { return try canonical.append(bigEndian: -1 as Int32) }
    try canonical.append(bigEndian: Int32(truncatingIfNeeded: bytes.count))
    try canonical.append(bytes)
  }

  private func add(_ header: HeaderView) throws(BatchError) {
    try add(header.name)
    try add(header.value)
  }

  private func finish(_ timestamp: Int64) -> RecordsDigest {
    RecordsDigest(
      records: 1, timestamps: Self.digest(ofTimestamp: timestamp), rest: Digest(ofRecord: canonical.bytes))
  }

  static func digest(ofTimestamp timestamp: Int64) -> Digest {
    withUnsafeBytes(of: timestamp.bigEndian) { Digest(ofRecord: $0) }
  }
}

/// A record on its way into a batch. Borrowed for the length of a call.
package struct SourceRecord {
  package var offset: Int64
  /// Milliseconds; −1 for none.
  package var timestamp: Int64
  /// Nil is null.
  package var key: UnsafeRawBufferPointer?
  package var value: UnsafeRawBufferPointer?
  package var headers: [HeaderView]

  package init(
    offset: Int64, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
    headers: [HeaderView] = []
  ) {
    self.offset = offset
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
  }

  /// Bytes of key, value and headers.
  package var contentSize: Int {
    (key?.count ?? 0) + (value?.count ?? 0) + headers.reduce(0) { $0 + $1.contentSize }
  }

  /// The size in bytes of an uncompressed batch that holds just this record.
  var sizeAlone: Int { Self.sizeAlone(body: Self.bodySize(fieldsSize(), 0, 0)) }

  /// The size of a record's encoding, its own length field not counted.
  @inline(__always)
  static func bodySize(_ fieldsSize: Int, _ timestampDelta: Int64, _ offsetDelta: Int64) -> Int {
    1 + varintSize(timestampDelta) + varintSize(offsetDelta) + fieldsSize
  }

  static func sizeAlone(body: Int) -> Int { BatchHeader.byteCount + varintSize(Int64(body)) + body }

  static func varintSize(_ number: Int64) -> Int {
    let zigzag = UInt64(bitPattern: number << 1) ^ UInt64(bitPattern: number >> 63)
    return max(1, (64 - zigzag.leadingZeroBitCount + 6) / 7)
  }
}

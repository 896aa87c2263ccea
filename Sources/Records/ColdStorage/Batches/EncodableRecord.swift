/// What a batch has to know of a record that it is to hold.
protocol EncodableRecord {
  /// Of headers that are decoded as they are asked for.
  associatedtype Failure: Error

  var offset: Int64 { get }
  /// Milliseconds; −1 for none.
  var timestamp: Int64 { get }
  var key: UnsafeRawBufferPointer? { get }
  var value: UnsafeRawBufferPointer? { get }
  var headerCount: Int { get }

  func forEachHeader(_ body: (HeaderView) -> Void) throws(Failure)
}

extension EncodableRecord {
  /// The size of key, value and headers as they are encoded.
  @inline(__always)
  func fieldsSize() throws(Failure) -> Int {
    var size = Self.size(key) + Self.size(value) + SourceRecord.varintSize(Int64(headerCount))
    try forEachHeader { size += Self.size($0.name) + Self.size($0.value) }
    return size
  }

  @inline(__always)
  func writeFields(to writer: inout RawWriter) throws(Failure) {
    writer.write(lengthAnd: key)
    writer.write(lengthAnd: value)
    writer.write(varint: Int64(headerCount))
    try forEachHeader { header in
      writer.write(lengthAnd: header.name)
      writer.write(lengthAnd: header.value)
    }
  }

  @inline(__always)
  private static func size(_ bytes: UnsafeRawBufferPointer?) -> Int {
    guard let bytes else { return 1 }
    return SourceRecord.varintSize(Int64(bytes.count)) + bytes.count
  }
}

extension SourceRecord: EncodableRecord {
  var headerCount: Int { headers.count }

  @inline(__always)
  func forEachHeader(_ body: (HeaderView) -> Void) { headers.forEach(body) }
}

extension ChangedRecord: EncodableRecord {
  var key: UnsafeRawBufferPointer? { record.key }
  var value: UnsafeRawBufferPointer? { record.value }
}

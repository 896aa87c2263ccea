/// A stored record with another number, another time or one more header. Borrowed, as what it is made of.
///
/// It is encoded and digested as it is: gathering its headers into an array would cost more than the rest of it.
package struct ChangedRecord {
  package let record: RecordView
  package let offset: Int64
  package let timestamp: Int64
  /// Comes behind the record's own headers.
  package let addedHeader: HeaderView?

  package init(_ record: RecordView, offset: Int64, timestamp: Int64, addedHeader: HeaderView?) {
    self.record = record
    self.offset = offset
    self.timestamp = timestamp
    self.addedHeader = addedHeader
  }

  var headerCount: Int { Int(record.headerCount) + (addedHeader == nil ? 0 : 1) }

  @inline(__always)
  func forEachHeader(_ body: (HeaderView) -> Void) throws(BatchError) {
    if record.headerCount > 0 {
      var headers = record.headers
      while let header = try headers.next() { body(header) }
    }
    if let addedHeader { body(addedHeader) }
  }
}

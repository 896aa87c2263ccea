/// One record in a batch's inflated bytes. Borrowed: it holds as long as the slot that the bytes are in is left alone.
package struct RecordView {
  package let offset: Int64
  /// Milliseconds; −1 for none.
  package let timestamp: Int64
  /// Nil is null. Empty bytes have an address too, so that a C interface can tell the two apart.
  package let key: UnsafeRawBufferPointer?
  package let value: UnsafeRawBufferPointer?
  package let headerCount: Int32
  /// The record's headers, in order; they are decoded as they are asked for.
  package let headers: HeaderCursor

  /// Bytes of key, value and headers, uncompressed: what progress and throttles count.
  package let contentSize: Int
  /// The size in bytes of an uncompressed batch that holds just this record.
  package let sizeAlone: Int
}

package struct HeaderView {
  /// UTF-8, if the producer kept to the rule.
  package let name: UnsafeRawBufferPointer
  /// Nil is null.
  package let value: UnsafeRawBufferPointer?

  package init(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
    self.name = name
    self.value = value
  }

  var contentSize: Int { name.count + (value?.count ?? 0) }
}

/// Walks over the headers of one record.
package struct HeaderCursor {
  private var cursor: ByteCursor
  private var left: Int32

  init(_ cursor: ByteCursor, count: Int32) {
    self.cursor = cursor
    left = count
  }

  /// Nil after the last one. Throws when the bytes do not hold what they say, or hold more.
  package mutating func next() throws(BatchError) -> HeaderView? {
    guard left > 0 else {
      guard cursor.remaining == 0 else { throw .damaged("a record is longer than what is in it") }
      return nil
    }
    left -= 1
    guard let name = try cursor.nullableBytes() else { throw .damaged("a header has no name") }
    return HeaderView(name: name, value: try cursor.nullableBytes())
  }
}

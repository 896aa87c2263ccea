import Glibc

/// Takes the members of an object in the order in which a program of ours writes them. It is for lists so long that looking for names, and being ready
/// to say what is wrong, would be most of the work of reading them.
///
/// Every method gives nil for anything else than what it is asked for, which need not be an error: the members may stand in another order, or the document
/// may have no index. An `ObjectReader` then reads the object from its beginning.
package struct OrderedMembers {
  /// The next one's key; none of the object's once all are taken.
  private var key: IndexedValue
  private var left: Int

  /// - Parameter view: lends its bytes, and this is to be used no longer than it.
  package init?(_ view: JSONView) {
    guard case .indexed(let value) = view.source else { return nil }
    self.init(value)
  }

  private init?(_ value: IndexedValue) {
    guard value.kind == .object else { return nil }
    key = value.inner
    left = value.count
  }

  package var isAtEnd: Bool { left == 0 }

  /// Whether the next member has this name: for one that needn't be there.
  package func isNext(_ name: StaticString) -> Bool { left > 0 && key.written.isEqual(to: name) }

  package mutating func int(_ name: StaticString) -> Int64? { take(name)?.int }

  /// The bytes of a string in which nothing is escaped.
  package mutating func text(_ name: StaticString) -> UnsafeRawBufferPointer? {
    guard let value = take(name), value.kind == .string, !value.isEscaped else { return nil }
    return UnsafeRawBufferPointer(value.written)
  }

  package mutating func members(_ name: StaticString) -> OrderedMembers? { take(name).flatMap { OrderedMembers($0) } }

  private mutating func take(_ name: StaticString) -> IndexedValue? {
    guard isNext(name) else { return nil }
    let value = key.inner
    key = value.next
    left -= 1
    return value
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount, let baseAddress else { return false }
    return memcmp(baseAddress, text.utf8Start, count) == 0
  }
}

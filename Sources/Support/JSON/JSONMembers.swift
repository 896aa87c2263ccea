import Glibc

/// The members of an object that is being read, in its order.
enum JSONMembers {
  case object(JSONObject)
  case indexed(IndexedValue)

  /// Where a member stands.
  struct Place {
    /// Counted from 0.
    var number = 0
    /// Of its key, where the document is indexed.
    fileprivate var node: Int?
  }

  var count: Int {
    switch self {
    case .object(let object): object.count
    case .indexed(let object): object.count
    }
  }

  var names: [String] {
    switch self {
    case .object(let object): object.keys
    case .indexed(let object): object.keys.map { $0.string ?? "" }
    }
  }

  var views: [JSONView] {
    switch self {
    case .object(let object): object.values.map { JSONView($0) }
    case .indexed(let object): object.keys.map { JSONView($0.inner) }
    }
  }

  subscript(place: Place) -> JSONView {
    switch self {
    case .object(let object): JSONView(object.value(at: place.number))
    case .indexed(let object): JSONView(key(place, of: object).inner)
    }
  }

  /// The one after it, which may not be there.
  func place(after place: Place) -> Place {
    switch self {
    case .object: Place(number: place.number + 1)
    case .indexed(let object):
      Place(number: place.number + 1, node: key(place, of: object).inner.next.position)
    }
  }

  private func key(_ place: Place, of object: IndexedValue) -> IndexedValue {
    place.node.map { object.at($0) } ?? object.inner
  }

  /// - Parameter hint: where it probably stands; most documents are written in the order in which they are read.
  func find(_ name: String, near hint: Place = Place()) -> Place? {
    switch self {
    case .object(let object): return object.position(of: name).map { Place(number: $0) }
    case .indexed(let object):
      var name = name
      return name.withUTF8 { name in
        find(name, in: object, from: hint, to: object.count) ?? find(name, in: object, from: Place(), to: hint.number)
      }
    }
  }

  private func find(
    _ name: UnsafeBufferPointer<UInt8>, in object: IndexedValue, from start: Place, to end: Int
  ) -> Place? {
    guard start.number < end else { return nil }
    var key = key(start, of: object)
    for number in start.number..<end {
      if Self.equals(key.written, name) { return Place(number: number, node: key.position) }
      key = key.inner.next
    }
    return nil
  }

  private static func equals(_ found: UnsafeBufferPointer<UInt8>, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard found.count == name.count, let one = found.baseAddress, let other = name.baseAddress else {
      return found.count == name.count
    }
    return memcmp(one, other, name.count) == 0
  }
}

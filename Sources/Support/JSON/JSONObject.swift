/// The members of a JSON object: they keep the order in which they came, and are equal in any order.
///
/// Keys differ when their bytes do. Lookup is a scan in small objects and by hash in larger ones.
package struct JSONObject: Sendable {
  package typealias Member = (key: String, value: JSONValue)

  /// Up to so many members, comparing is quicker than hashing.
  private static let scanned = 24

  private var members: [Member] = []
  /// Where each key stands in `members`; empty while those are few.
  private var index: [ExactString: Int] = [:]

  package init() {}

  /// The last of two equal keys wins, in the first one's place.
  package init(_ members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  /// - Parameter members: no two with the same key.
  init(distinct members: [Member]) {
    self.members = members
    reindex()
  }

  package var count: Int { members.count }
  package var isEmpty: Bool { members.isEmpty }
  package var keys: [String] { members.map(\.key) }
  package var values: [JSONValue] { members.map(\.value) }

  package func contains(_ key: String) -> Bool { position(of: key) != nil }

  /// The member's value. Setting nil removes the member; `.null` is a value like any other.
  package subscript(key: String) -> JSONValue? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): members[position].value = value
      case (let position?, nil):
        members.remove(at: position)
        reindex()
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// Adds a member that is not there yet; false when it is.
  @discardableResult package mutating func insert(_ value: JSONValue, for key: String) -> Bool {
    guard position(of: key) == nil else { return false }
    append(key, value)
    return true
  }

  @discardableResult package mutating func remove(_ key: String) -> JSONValue? {
    let value = self[key]
    self[key] = nil
    return value
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    members.append((key, value))
    if !index.isEmpty {
      index[ExactString(key)] = members.count - 1
    } else if members.count > Self.scanned {
      reindex()
    }
  }

  func value(at position: Int) -> JSONValue { members[position].value }

  func position(of key: String) -> Int? {
    guard index.isEmpty else { return index[ExactString(key)] }
    let wanted = ExactString(key)
    for position in members.indices where ExactString(members[position].key) == wanted { return position }
    return nil
  }

  private mutating func reindex() {
    if !index.isEmpty { index.removeAll(keepingCapacity: true) }
    guard members.count > Self.scanned else { return }
    index.reserveCapacity(members.count)
    for position in members.indices { index[ExactString(members[position].key)] = position }
  }
}

extension JSONObject: Hashable {
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
  }

  package func hash(into hasher: inout Hasher) {
    // Members are equal in any order, so their hashes are combined by an operation that commutes.
    var combined = 0
    for (key, value) in members {
      var member = Hasher()
      member.combine(ExactString(key))
      member.combine(value)
      combined ^= member.finalize()
    }
    hasher.combine(members.count)
    hasher.combine(combined)
  }
}

extension JSONObject: Sequence {
  package func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
  package var underestimatedCount: Int { members.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// The last of two equal keys wins.
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

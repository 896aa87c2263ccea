import CJansson
import Glibc

/// A parsed document as the parser left it, for decoders that build their own values: nothing of it is copied that nobody asks for.
package struct JSONDocument: ~Copyable {
  private let tree: JanssonValue

  /// As `JSONValue.parse`.
  package init(parsing bytes: [UInt8], root: JSONValue.Root = .any) throws(JSONParseError) {
    let parsed: Result<UnsafeMutablePointer<json_t>, JSONParseError> = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONParseError) in
        try JanssonValue(parsing: bytes, flags: root == .any ? JSON_DECODE_ANY : 0).release()
      }
    }
    tree = JanssonValue(owning: try parsed.get())
  }

  /// The view is valid within `body` alone.
  package borrowing func read<Result, Failure: Error>(
    _ body: (JSONView) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(tree.view)
  }
}

/// A part of a document that is being read: a value of Swift's, or one of a `JSONDocument`, and then to be used no longer than that lends it.
package struct JSONView {
  enum Source {
    case value(JSONValue)
    case tree(UnsafeMutablePointer<json_t>)
  }

  let source: Source

  package init(_ value: JSONValue) { source = .value(value) }
  init(_ tree: UnsafeMutablePointer<json_t>) { source = .tree(tree) }

  /// A copy that may be kept.
  package var value: JSONValue {
    switch source {
    case .value(let value): value
    case .tree(let tree): JanssonValue.read(tree)
    }
  }

  package var isNull: Bool {
    switch source {
    case .value(let value): value.isNull
    case .tree(let tree): tree.pointee.type == JSON_NULL
    }
  }

  package var bool: Bool? {
    switch source {
    case .value(let value): value.bool
    case .tree(let tree): tree.pointee.type == JSON_TRUE ? true : tree.pointee.type == JSON_FALSE ? false : nil
    }
  }

  package var int: Int64? {
    switch source {
    case .value(let value): value.int
    case .tree(let tree): tree.pointee.type == JSON_INTEGER ? json_integer_value(tree) : nil
    }
  }

  package var double: Double? {
    switch source {
    case .value(let value): value.double
    case .tree(let tree):
      switch tree.pointee.type {
      case JSON_INTEGER: Double(json_integer_value(tree))
      case JSON_REAL: json_real_value(tree)
      default: nil
      }
    }
  }

  package var string: String? {
    switch source {
    case .value(let value): value.string
    case .tree(let tree):
      tree.pointee.type == JSON_STRING
        ? JanssonValue.text(json_string_value(tree), json_string_length(tree)) : nil
    }
  }

  /// What kind of value this is, as `JSONValue.kind` says it.
  package var kind: String {
    switch source {
    case .value(let value): value.kind
    case .tree(let tree):
      switch tree.pointee.type {
      case JSON_OBJECT: "an object"
      case JSON_ARRAY: "a list"
      case JSON_STRING: "a string"
      default: value.kind
      }
    }
  }

  /// The member of an object; nil when there is none, or when this is no object.
  package subscript(key: String) -> JSONView? {
    guard let members else { return nil }
    return members.position(of: key).map { members[$0] }
  }

  /// Nil when this is no array.
  var elements: [JSONView]? {
    switch source {
    case .value(let value): return value.array?.map { JSONView($0) }
    case .tree(let tree):
      guard tree.pointee.type == JSON_ARRAY else { return nil }
      return (0..<json_array_size(tree)).compactMap { json_array_get(tree, $0).map { JSONView($0) } }
    }
  }

  /// Nil when this is no object.
  var members: JSONMembers? {
    switch source {
    case .value(let value): return value.object.map { .object($0) }
    case .tree(let tree):
      guard tree.pointee.type == JSON_OBJECT else { return nil }
      return .tree(JSONMembers.list(tree))
    }
  }
}

/// The members of an object that is being read, in its order.
enum JSONMembers {
  /// A member where the parser left it.
  struct Member {
    let key: UnsafeRawBufferPointer
    let value: UnsafeMutablePointer<json_t>

    var name: String { String(decoding: key, as: UTF8.self) }
  }

  case object(JSONObject)
  case tree([Member])

  static func list(_ object: UnsafeMutablePointer<json_t>) -> [Member] {
    var members: [Member] = []
    members.reserveCapacity(json_object_size(object))
    var iterator = json_object_iter(object)
    while let member = iterator {
      if let value = json_object_iter_value(member) {
        let key = UnsafeRawBufferPointer(start: json_object_iter_key(member), count: json_object_iter_key_len(member))
        members.append(Member(key: key, value: value))
      }
      iterator = json_object_iter_next(object, member)
    }
    return members
  }

  var count: Int {
    switch self {
    case .object(let object): object.count
    case .tree(let members): members.count
    }
  }

  var keys: [String] {
    switch self {
    case .object(let object): object.keys
    case .tree(let members): members.map(\.name)
    }
  }

  subscript(position: Int) -> JSONView {
    switch self {
    case .object(let object): JSONView(object.value(at: position))
    case .tree(let members): JSONView(members[position].value)
    }
  }

  /// - Parameter hint: where it probably stands; most documents are written in the order in which they are read.
  func position(of key: String, near hint: Int = 0) -> Int? {
    switch self {
    case .object(let object): return object.position(of: key)
    case .tree(let members):
      var key = key
      return key.withUTF8 { key in
        let start = min(hint, members.count)
        for position in start..<members.count where Self.equals(members[position].key, key) { return position }
        for position in 0..<start where Self.equals(members[position].key, key) { return position }
        return nil
      }
    }
  }

  private static func equals(_ found: UnsafeRawBufferPointer, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
    guard found.count == key.count, let one = found.baseAddress, let other = key.baseAddress else {
      return found.count == key.count
    }
    return memcmp(one, other, key.count) == 0
  }
}

/// A parsed document for decoders that build their own values: nothing of it is copied that nobody asks for.
package struct JSONDocument {
  private enum Form {
    case indexed([UInt8], JSONIndex)
    case value(JSONValue)
  }

  private let form: Form

  /// As `JSONValue.parse`.
  package init(parsing bytes: [UInt8], root: JSONValue.Root = .any) throws(JSONParseError) {
    if let index = bytes.withUnsafeBufferPointer({ JSONIndex($0, root: root) }) {
      form = .indexed(bytes, index)
    } else {
      form = .value(try JSONValue.parse(bytes, root: root))
    }
  }

  package init(_ value: JSONValue) { form = .value(value) }

  /// The view is valid within `body` alone.
  package func read<Result, Failure: Error>(
    _ body: (JSONView) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch form {
    case .value(let value): return try body(JSONView(value))
    case .indexed(let bytes, let index):
      return try bytes.withUnsafeBufferPointer { (bytes) throws(Failure) in
        try index.nodes.withUnsafeBufferPointer { (nodes) throws(Failure) in
          try body(JSONView(IndexedValue(bytes: bytes, nodes: nodes, position: 0)))
        }
      }
    }
  }
}

/// A part of a document that is being read: a value of Swift's, or one of a `JSONDocument`, and then to be used no longer than that lends it.
public struct JSONView {
  enum Source {
    case value(JSONValue)
    case indexed(IndexedValue)
  }

  let source: Source

  package init(_ value: JSONValue) { source = .value(value) }
  init(_ value: IndexedValue) { source = .indexed(value) }

  /// A copy that may be kept.
  package var value: JSONValue {
    switch source {
    case .value(let value): value
    case .indexed(let value): value.value
    }
  }

  package var isNull: Bool {
    switch source {
    case .value(let value): value.isNull
    case .indexed(let value): value.kind == .null
    }
  }

  package var bool: Bool? {
    switch source {
    case .value(let value): value.bool
    case .indexed(let value): value.kind == .yes ? true : value.kind == .no ? false : nil
    }
  }

  package var int: Int64? {
    switch source {
    case .value(let value): value.int
    case .indexed(let value): value.int
    }
  }

  package var double: Double? {
    switch source {
    case .value(let value): value.double
    case .indexed(let value): value.int.map { Double($0) }
    }
  }

  package var string: String? {
    switch source {
    case .value(let value): value.string
    case .indexed(let value): value.string
    }
  }

  /// What kind of value this is, as `JSONValue.kind` says it.
  package var kind: String {
    switch source {
    case .value(let value): value.kind
    case .indexed(let value):
      switch value.kind {
      case .null: JSONValue.null.kind
      case .yes, .no: JSONValue.bool(true).kind
      case .integer: JSONValue.int(0).kind
      case .string: JSONValue.string("").kind
      case .array: JSONValue.array([]).kind
      case .object: JSONValue.object([:]).kind
      }
    }
  }

  /// The member of an object; nil when there is none, or when this is no object.
  package subscript(key: String) -> JSONView? {
    guard let members else { return nil }
    return members.find(key).map { members[$0] }
  }

  /// Nil when this is no array.
  @usableFromInline var elements: [JSONView]? {
    switch source {
    case .value(let value): value.array?.map { JSONView($0) }
    case .indexed(let value): value.kind == .array ? value.elements.map { JSONView($0) } : nil
    }
  }

  /// Nil when this is no object.
  var members: JSONMembers? {
    switch source {
    case .value(let value): value.object.map { .object($0) }
    case .indexed(let value): value.kind == .object ? .indexed(value) : nil
    }
  }
}

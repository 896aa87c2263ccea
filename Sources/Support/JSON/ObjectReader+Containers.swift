extension ObjectReader {
  /// A nested object.
  @inlinable public mutating func object<Value>(_ field: String, _ body: (inout ObjectReader) -> Value?) -> Value? {
    guard let value = view(field) else { return nil }
    return Decode.object(value, at: path[field], into: errors, body)
  }

  @inlinable public mutating func optionalObject<Value>(_ field: String, _ body: (inout ObjectReader) -> Value?)
    -> Value?
  {
    guard let value = optionalView(field) else { return nil }
    return Decode.object(value, at: path[field], into: errors, body)
  }

  /// A list whose elements `body` reads; it reports at the path it is given. Nil when an element is nil, after all were read.
  @inlinable public mutating func list<Element>(
    _ field: String, _ body: (JSONView, FieldPath, FieldErrorCollector) -> Element?
  ) -> [Element]? {
    view(field).flatMap { asList(field, $0, body) }
  }

  @inlinable public mutating func optionalList<Element>(
    _ field: String, _ body: (JSONView, FieldPath, FieldErrorCollector) -> Element?
  ) -> [Element]? {
    optionalView(field).flatMap { asList(field, $0, body) }
  }

  /// A list of objects.
  @inlinable public mutating func objects<Element>(
    _ field: String, _ body: (inout ObjectReader) -> Element?
  ) -> [Element]? {
    list(field) { Decode.object($0, at: $1, into: $2, body) }
  }

  @inlinable public mutating func optionalObjects<Element>(
    _ field: String, _ body: (inout ObjectReader) -> Element?
  ) -> [Element]? {
    optionalList(field) { Decode.object($0, at: $1, into: $2, body) }
  }

  package mutating func strings(_ field: String) -> [String]? { list(field, Self.string) }

  package mutating func optionalStrings(_ field: String) -> [String]? { optionalList(field, Self.string) }

  /// An object whose members are all strings, such as labels.
  package mutating func stringMap(_ field: String) -> [String: String]? {
    view(field).flatMap { asStringMap(field, $0) }
  }

  package mutating func optionalStringMap(_ field: String) -> [String: String]? {
    optionalView(field).flatMap { asStringMap(field, $0) }
  }
}

extension ObjectReader {
  private static func string(_ value: JSONView, _ path: FieldPath, _ errors: FieldErrorCollector) -> String? {
    if let string = value.string { return string }
    errors.add(path, "must be a string, not \(value.kind)")
    return nil
  }

  @inlinable func asList<Element>(
    _ field: String, _ value: JSONView, _ body: (JSONView, FieldPath, FieldErrorCollector) -> Element?
  ) -> [Element]? {
    guard let values = value.elements else {
      mistyped(field, "a list", value)
      return nil
    }
    var complete = true
    var elements: [Element] = []
    elements.reserveCapacity(values.count)
    let path = path[field]
    for (index, value) in values.enumerated() {
      if let element = body(value, path[index], errors) { elements.append(element) } else { complete = false }
    }
    return complete ? elements : nil
  }

  private func asStringMap(_ field: String, _ value: JSONView) -> [String: String]? {
    guard let members = value.members else {
      mistyped(field, "an object of strings", value)
      return nil
    }
    var complete = true
    var map: [String: String] = [:]
    for (key, value) in zip(members.names, members.views) {
      guard let string = Self.string(value, path[field][key], errors) else {
        complete = false
        continue
      }
      // Keys whose bytes differ can still be the same Swift string, and one would silently replace the other.
      if map.updateValue(string, forKey: key) != nil {
        errors.add(path[field][key], "differs from another key only in its Unicode form")
        complete = false
      }
    }
    return complete ? map : nil
  }
}

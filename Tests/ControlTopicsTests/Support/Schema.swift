import ControlTopics
import JSON
import RestoreModel

/// As much of JSON Schema (draft 7) as the contract uses. A keyword that isn't known here fails, so that nothing is left unchecked.
struct Schema {
  private let documents: [String: JSONValue]

  init() throws {
    var documents: [String: JSONValue] = [:]
    for file in ContractFile.all where file.path.hasSuffix(".schema.json") {
      documents[file.path] = try JSONValue.parse(file.bytes)
    }
    self.documents = documents
  }

  /// A place in a schema file.
  struct Node {
    let file: String
    let schema: JSONValue
    func at(_ schema: JSONValue) -> Node { Node(file: file, schema: schema) }
  }

  func root(_ file: String) -> Node? { documents[file].map { Node(file: file, schema: $0) } }

  private static let silent: Set<String> = [
    "description", "title", "default", "deprecated", "definitions", "$schema",
  ]

  /// What is wrong with `value`; empty: nothing.
  func problems(_ value: JSONValue, _ node: Node, at path: String = "") -> [String] {
    guard let keywords = node.schema.object else { return ["\(path): the schema is no object"] }
    return keywords.flatMap { keyword, rule in
      Self.silent.contains(keyword) ? [] : problems(value, node, keyword, rule, path)
    }
  }

  private func problems(
    _ value: JSONValue, _ node: Node, _ keyword: String, _ rule: JSONValue, _ path: String
  ) -> [String] {
    func wrong(_ condition: Bool) -> [String] { condition ? [] : ["\(path): \(keyword) of \(node.file)"] }
    switch keyword {
    case "$ref": return resolve(rule, in: node).map { problems(value, $0, at: path) } ?? ["\(path): no such \(rule)"]
    case "type":
      let names = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
      return wrong(names.contains(Self.type(of: value)))
    case "enum": return wrong(rule.array?.contains(value) ?? false)
    case "const": return wrong(rule == value)
    case "minimum": return wrong(value.int.map { $0 >= rule.int ?? .max } ?? true)
    case "maximum": return wrong(value.int.map { $0 <= rule.int ?? .min } ?? true)
    case "minLength": return wrong(value.string.map { $0.unicodeScalars.count >= rule.int ?? .max } ?? true)
    case "maxLength": return wrong(value.string.map { $0.unicodeScalars.count <= rule.int ?? .min } ?? true)
    case "format":
      guard rule == "date-time" else { return ["\(node.file): format \(rule) is not checked"] }
      return wrong(value.string.map { Instant(rfc3339: $0) != nil } ?? true)
    case "pattern":
      let pattern = try? Regex(rule.string ?? "")
      return wrong(value.string.map { text in pattern.map { text.firstMatch(of: $0) != nil } ?? false } ?? true)
    case "propertyNames":
      return (value.object?.keys ?? []).flatMap { problems(.string($0), node.at(rule), at: "\(path).\($0)") }
    case "not": return wrong(!problems(value, node.at(rule)).isEmpty)
    case "required": return wrong(rule.array?.allSatisfy { value[$0.string ?? ""] != nil } ?? false)
    case "items": return (value.array ?? []).flatMap { problems($0, node.at(rule), at: "\(path)[]") }
    case "properties":
      return (rule.object ?? [:]).flatMap { name, rule in
        value[name].map { problems($0, node.at(rule), at: "\(path).\(name)") } ?? []
      }
    case "additionalProperties": return additional(value, node, rule, path)
    case "allOf": return (rule.array ?? []).flatMap { problems(value, node.at($0), at: path) }
    case "anyOf": return wrong((rule.array ?? []).contains { problems(value, node.at($0)).isEmpty })
    case "oneOf": return wrong((rule.array ?? []).filter { problems(value, node.at($0)).isEmpty }.count == 1)
    case "if":
      guard problems(value, node.at(rule)).isEmpty, let then = node.schema["then"] else { return [] }
      return problems(value, node.at(then), at: path)
    case "then": return []
    default: return ["\(node.file): keyword \(keyword) is not checked"]
    }
  }

  private func additional(_ value: JSONValue, _ node: Node, _ rule: JSONValue, _ path: String) -> [String] {
    let named = Set(node.schema["properties"]?.object?.keys ?? [])
    return (value.object ?? [:]).flatMap { name, member -> [String] in
      if named.contains(name) { return [] }
      return rule == false
        ? ["\(path).\(name): not a property"] : problems(member, node.at(rule), at: "\(path).\(name)")
    }
  }

  func resolve(_ reference: JSONValue, in node: Node) -> Node? {
    let parts = (reference.string ?? "").split(separator: "#", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let file = parts[0].isEmpty ? node.file : String(parts[0])
    var schema = documents[file]
    for step in parts[1].split(separator: "/") { schema = schema?[String(step)] }
    return schema.map { Node(file: file, schema: $0) }
  }

  private static func type(of value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .int: "integer"
    case .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension Schema {
  /// Every object of `value` that a schema with a closed list of properties describes: where it stands, and the names.
  func objects(_ value: JSONValue, _ node: Node, at path: [FieldPath.Step] = []) -> [(
    path: [FieldPath.Step], names: [String]
  )] {
    guard let keywords = node.schema.object else { return [] }
    var found: [(path: [FieldPath.Step], names: [String])] = []
    if let properties = keywords["properties"]?.object, value.object != nil {
      if keywords["additionalProperties"] == false { found.append((path, properties.keys)) }
      for (name, rule) in properties {
        if let member = value[name] { found += objects(member, node.at(rule), at: path + [.member(name)]) }
      }
    }
    if let items = keywords["items"], let elements = value.array {
      for (index, element) in elements.enumerated() {
        found += objects(element, node.at(items), at: path + [.element(index)])
      }
    }
    if let target = keywords["$ref"].flatMap({ resolve($0, in: node) }) { found += objects(value, target, at: path) }
    for all in keywords["allOf"]?.array ?? [] { found += objects(value, node.at(all), at: path) }
    for choice in (keywords["oneOf"]?.array ?? []) + (keywords["anyOf"]?.array ?? [])
    where problems(value, node.at(choice)).isEmpty {
      found += objects(value, node.at(choice), at: path)
    }
    if let condition = keywords["if"], let then = keywords["then"], problems(value, node.at(condition)).isEmpty {
      found += objects(value, node.at(then), at: path)
    }
    return found
  }
}

extension JSONValue {
  /// This value with a member added to the object at `path`.
  func adding(_ name: String, _ value: JSONValue, at path: ArraySlice<FieldPath.Step>) -> JSONValue {
    switch (self, path.first) {
    case (.object(var members), nil):
      members[name] = .some(value)
      return .object(members)
    case (.object(var members), .member(let step)?):
      members[step] = members[step]?.adding(name, value, at: path.dropFirst())
      return .object(members)
    case (.array(var elements), .element(let step)?):
      elements[step] = elements[step].adding(name, value, at: path.dropFirst())
      return .array(elements)
    default: return self
    }
  }
}

import ControlTopics
import JSON
import RestoreModel

/// One change of a document at a place that the schema describes: at a bound, across it, or to something else.
struct SchemaMutation: CustomStringConvertible {
  var path: [FieldPath.Step]
  /// Nil: the member is left out.
  var value: JSONValue?

  var description: String { "\(FieldPath(path)) = \(value?.text() ?? "nothing")" }

  func applied(to document: JSONValue) -> JSONValue { document.setting(value, at: path[...]) }

  /// All that the schema gives reason for, in one document.
  static func all(of document: JSONValue, _ node: Schema.Node, _ schema: Schema) -> [SchemaMutation] {
    places(document, node, schema, at: []).flatMap { path, keywords in
      values(keywords).map { SchemaMutation(path: path, value: $0) }
    }
  }

  private static func values(_ keywords: JSONObject) -> [JSONValue?] {
    var values: [JSONValue?] = [nil, "zzz", "", 7, -1, 1.5, true, [], ["zzz"], [:], ["zzz": 1]]
    if let minimum = keywords["minimum"]?.int { values += [.int(minimum), .int(minimum - 1), .int(minimum + 1)] }
    if let maximum = keywords["maximum"]?.int { values += [.int(maximum), .int(maximum - 1)] }
    if let maximum = keywords["maximum"]?.int, maximum < .max { values.append(.int(maximum + 1)) }
    for word in keywords["enum"]?.array ?? [] { values += [word, .string((word.string ?? "").uppercased())] }
    if keywords["format"] != nil {
      values += ["2021-01-01T00:00:00Z", "2021-01-01T00:00:00.123+02:00", "2021-02-30T00:00:00Z", "2021-01-01"]
    }
    if keywords["pattern"] != nil {
      let names = ["a", "-a", "a-", "a.b", "a..b", "A", "0", "a_b", String(repeating: "a", count: 63)]
      values += names.map { .string($0) } + [.string(String(repeating: "a", count: 64))]
      values += [
        .string(String(repeating: "a.", count: 126) + "a"), .string(String(repeating: "a.", count: 127) + "a"),
      ]
    }
    if keywords["propertyNames"] != nil {
      values += [["0": 0], ["00": 0], ["-1": 0], ["7": -1], ["7": 2_147_483_647], ["7": 2_147_483_648], ["a": 1]]
    }
    return values
  }

  /// Each place with every keyword about it, those of absent members too.
  private static func places(
    _ value: JSONValue?, _ node: Schema.Node, _ schema: Schema, at path: [FieldPath.Step]
  ) -> [([FieldPath.Step], JSONObject)] {
    guard let keywords = node.schema.object else { return [] }
    if let reference = keywords["$ref"] {
      return schema.resolve(reference, in: node).map { places(value, $0, schema, at: path) } ?? []
    }
    var found = path.isEmpty ? [] : [(path, keywords)]
    for (name, rule) in keywords["properties"]?.object ?? [:] where !isIgnored(name, path) {
      found += places(value?[name], node.at(rule), schema, at: path + [.member(name)])
    }
    if let items = keywords["items"] {
      for (index, element) in (value?.array ?? []).enumerated() {
        found += places(element, node.at(items), schema, at: path + [.element(index)])
      }
    }
    if let members = keywords["additionalProperties"], members.object != nil {
      for (name, member) in value?.object ?? [:] {
        found += places(member, node.at(members), schema, at: path + [.member(name)])
      }
    }
    for form in (keywords["oneOf"]?.array ?? []) + (keywords["anyOf"]?.array ?? [])
    where value.map({ schema.problems($0, node.at(form)).isEmpty }) ?? true {
      found += places(value, node.at(form), schema, at: path)
    }
    return found
  }

  /// The version is another question, the kind says which schema counts, and what the service writes itself doesn't count.
  private static func isIgnored(_ name: String, _ path: [FieldPath.Step]) -> Bool {
    path.isEmpty && ["apiVersion", "kind", "status"].contains(name)
  }
}

extension JSONValue {
  /// This value with the member or element at `path` replaced or, by nil, left out. Objects on the way are made where they are missing.
  fileprivate func setting(_ value: JSONValue?, at path: ArraySlice<FieldPath.Step>) -> JSONValue {
    guard let step = path.first else { return value ?? self }
    switch (self, step) {
    case (.object(var members), .member(let name)):
      if path.count == 1 {
        members[name] = value
      } else {
        members[name] = .some((members[name] ?? [:]).setting(value, at: path.dropFirst()))
      }
      return .object(members)
    case (.array(var elements), .element(let index)) where elements.indices.contains(index):
      if path.count > 1 {
        elements[index] = elements[index].setting(value, at: path.dropFirst())
      } else if let value {
        elements[index] = value
      } else {
        elements.remove(at: index)
      }
      return .array(elements)
    default: return self
    }
  }
}

package import JSON

/// One field of a document, as the contract's schema describes it.
package struct SchemaField: Sendable {
  package let name: String
  package let isRequired: Bool
  /// Where it is used: its description and its default are this place's.
  private let place: ContractSchema.Node
  /// What it is.
  private let node: ContractSchema.Node
  private let schema: ContractSchema

  init(name: String, isRequired: Bool, _ place: ContractSchema.Node, in schema: ContractSchema) {
    self.name = name
    self.isRequired = isRequired
    self.place = place
    self.schema = schema
    node = schema.followed(place)
  }

  package var description: String? { place.schema["description"]?.string ?? node.schema["description"]?.string }
  package var isDeprecated: Bool { place.schema["deprecated"]?.bool ?? false }
  package var standard: JSONValue? { place.schema["default"] ?? node.schema["default"] }

  /// The words it may be; empty: anything of its type.
  package var choices: [String] {
    if let constant = node.schema["const"]?.string { return [constant] }
    return node.schema["enum"]?.array?.compactMap(\.string) ?? []
  }

  package var minimum: Int64? { node.schema["minimum"]?.int }
  package var maximum: Int64? { node.schema["maximum"]?.int }

  /// `string`, `[]object`, `map[string]integer`, …
  package var type: String { Self.type(of: node, schema) }

  private static func type(of node: ContractSchema.Node, _ schema: ContractSchema) -> String {
    func named(_ part: JSONValue) -> String { type(of: schema.followed(.init(file: node.file, schema: part)), schema) }
    if let items = node.schema["items"] { return "[]\(named(items))" }
    if let members = node.schema["additionalProperties"], members.object != nil {
      return "map[string]\(named(members))"
    }
    if node.schema["format"]?.string == "date-time" { return "date-time" }
    if let name = node.schema["type"]?.string { return name }
    if let names = node.schema["type"]?.array?.compactMap(\.string) {
      return names.filter { $0 != "null" }.joined(separator: " or ")
    }
    if node.schema["enum"] != nil || node.schema["const"] != nil { return "string" }
    guard let forms = (node.schema["anyOf"] ?? node.schema["oneOf"])?.array, !forms.isEmpty else { return "any" }
    var names: [String] = []
    for name in forms.map(named) where !names.contains(name) { names.append(name) }
    return names.joined(separator: " or ")
  }

  /// Exactly one of the fields below must be there.
  package var takesOneForm: Bool { object(node).schema["oneOf"] != nil }

  /// The fields below: of an object, of what a list holds, of a map's values.
  package var fields: [SchemaField] {
    let object = object(node)
    let forms = (object.schema["oneOf"] ?? object.schema["anyOf"])?.array ?? [object.schema]
    return forms.flatMap { form -> [SchemaField] in
      let part = schema.followed(.init(file: object.file, schema: form))
      let required = part.schema["required"]?.array?.compactMap(\.string) ?? []
      return (part.schema["properties"]?.object ?? [:]).map { name, rule in
        field(name, .init(file: part.file, schema: rule), isRequired: forms.count == 1 && required.contains(name))
      }
    }
  }

  private func field(_ name: String, _ place: ContractSchema.Node, isRequired: Bool) -> SchemaField {
    // Under a document's own `status` stands only that it doesn't count there.
    let isStatus = name == "status" && node.schema["properties"]?["kind"] != nil
    return SchemaField(name: name, isRequired: isRequired, isStatus ? schema.status() ?? place : place, in: schema)
  }

  /// What has fields: the object itself, what a list holds, or a map's values.
  private func object(_ node: ContractSchema.Node) -> ContractSchema.Node {
    let inner = node.schema["items"] ?? node.schema["additionalProperties"].flatMap { $0.object == nil ? nil : $0 }
    return inner.map { schema.followed(.init(file: node.file, schema: $0)) } ?? node
  }

  /// The field below of that name.
  package func field(_ name: String) -> SchemaField? { fields.first { $0.name == name } }
}

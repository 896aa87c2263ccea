import JSON
package import RestoreModel

/// The schemas of the contract as this program was built with them: what fields there are, and what they mean. `thaw explain` and the page of
/// documents are made from them; tests hold the decoders equal to them.
package struct ContractSchema: Sendable {
  /// A place in one of the files, any reference followed.
  struct Node: Sendable {
    let file: String
    let schema: JSONValue
  }

  private let files: [String: JSONValue]

  /// Throws when a schema is no JSON, which a test excludes.
  package init() throws {
    var files: [String: JSONValue] = [:]
    for file in ContractFile.all where file.path.hasSuffix(".schema.json") {
      files[file.path] = try JSONValue.parse(file.bytes)
    }
    self.files = files
  }

  /// The whole document of a kind, its status included.
  package func document(_ kind: ResourceKind) -> SchemaField? {
    let file = "document.schema.json"
    guard let forms = definition("Document", in: file)?.schema["oneOf"]?.array else { return nil }
    let form = forms.first { $0["properties"]?["kind"]?["const"]?.string == kind.rawValue }
    return form.map { SchemaField(name: kind.rawValue, isRequired: true, Node(file: file, schema: $0), in: self) }
  }

  /// What people may write there doesn't count; what the service shows there is described with its topic.
  func status() -> Node? { definition("Status", in: "status.schema.json") }

  private func definition(_ name: String, in file: String) -> Node? {
    files[file]?["definitions"]?[name].map { Node(file: file, schema: $0) }
  }

  /// What a node refers to, or the node itself.
  func followed(_ node: Node) -> Node {
    var node = node
    // A chain of references is short, and a circle of them would be a defect.
    for _ in 0..<8 {
      guard let reference = node.schema["$ref"]?.string, let target = target(of: reference, from: node.file) else {
        return node
      }
      node = target
    }
    return node
  }

  private func target(of reference: String, from file: String) -> Node? {
    let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let name = parts[0].isEmpty ? file : String(parts[0])
    var schema = files[name]
    for step in parts[1].split(separator: "/") { schema = schema?[String(step)] }
    return schema.map { Node(file: name, schema: $0) }
  }
}

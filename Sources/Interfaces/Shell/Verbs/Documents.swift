import JSON
import YAML

/// The documents of a file: YAML or JSON, many if need be. A `List` of them counts as its items.
enum Documents {
  struct Document: Sendable {
    var value: JSONValue
    /// `restores.yaml, document 2`: how an error names one that doesn't say who it is.
    var name: String
  }

  static func parse(_ bytes: [UInt8], named file: String) throws(ShellFailure) -> [Document] {
    let file = file == "-" ? "standard input" : file
    let parsed: [YAMLDocument]
    do { parsed = try YAMLStream.parse(bytes) } catch { throw ShellFailure(.refused, "\(file): \(error)") }
    var documents: [Document] = []
    for (index, document) in parsed.enumerated() {
      let name = parsed.count == 1 ? file : "\(file), document \(index + 1)"
      if let kind = document.value["kind"]?.string, kind.hasSuffix("List"), let items = document.value["items"]?.array {
        for (item, value) in items.enumerated() {
          documents.append(Document(value: value, name: "\(name), item \(item + 1)"))
        }
      } else {
        documents.append(Document(value: document.value, name: name))
      }
    }
    return documents
  }
}

package import JSON

extension JSONValue {
  /// This value as a YAML document in block style, with a newline at its end. Strings stand in quotes wherever a reader of YAML 1.1
  /// or 1.2 could take them for something else.
  package func yaml() -> String {
    var writer = YAMLWriter()
    writer.document(self)
    return writer.text
  }

  /// Several documents, `---` between them.
  package static func yaml(_ documents: [JSONValue]) -> String {
    documents.map { $0.yaml() }.joined(separator: "---\n")
  }
}

struct YAMLWriter {
  private(set) var text = ""

  mutating func document(_ value: JSONValue) {
    switch value {
    case .array(let elements) where !elements.isEmpty: list(elements, indent: 0, begun: false)
    case .object(let members) where !members.isEmpty: mapping(members, indent: 0, begun: false)
    default:
      scalar(value, indent: 0)
      text += "\n"
    }
  }

  /// - Parameter begun: whether the first line already has its indentation.
  private mutating func list(_ elements: [JSONValue], indent: Int, begun: Bool) {
    var begun = begun
    for element in elements {
      if !begun { pad(indent) }
      begun = false
      text += "-"
      switch element {
      case .array(let inner) where !inner.isEmpty:
        text += " "
        list(inner, indent: indent + 2, begun: true)
      case .object(let inner) where !inner.isEmpty:
        text += " "
        mapping(inner, indent: indent + 2, begun: true)
      default:
        text += " "
        scalar(element, indent: indent)
        text += "\n"
      }
    }
  }

  private mutating func mapping(_ members: JSONObject, indent: Int, begun: Bool) {
    var begun = begun
    for (key, value) in members {
      if !begun { pad(indent) }
      begun = false
      let name = YAMLText.inline(key)
      // A key that is written without `?` must end within 1024 characters.
      if name.unicodeScalars.count > 512 {
        text += "? \(name)\n"
        pad(indent)
        text += ":"
      } else {
        text += "\(name):"
      }
      switch value {
      case .array(let inner) where !inner.isEmpty:
        text += "\n"
        list(inner, indent: indent, begun: false)
      case .object(let inner) where !inner.isEmpty:
        text += "\n"
        mapping(inner, indent: indent + 2, begun: false)
      default:
        text += " "
        scalar(value, indent: indent)
        text += "\n"
      }
    }
  }

  private mutating func scalar(_ value: JSONValue, indent: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += value.isFinite ? value.description : "null"
    case .string(let string): text += YAMLText.block(string, indent: indent + 2) ?? YAMLText.inline(string)
    case .array: text += "[]"
    case .object: text += "{}"
    }
  }

  private mutating func pad(_ indent: Int) { text += String(repeating: " ", count: indent) }
}

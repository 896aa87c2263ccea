import ControlTopics
import JSON
import RestoreModel

/// A field of a document for people, in the manner of `kubectl explain`.
struct Explanation {
  let kind: ResourceKind
  /// Below the document; empty: the document itself.
  let path: [String]
  let field: SchemaField

  private static let width = 80

  var lines: [String] {
    var lines = ["KIND:     \(kind.rawValue)", "VERSION:  \(DocumentForm.apiVersion)", ""]
    if !path.isEmpty { lines += ["FIELD: \(Self.title(field))", ""] }
    lines += ["DESCRIPTION:"] + Self.text(Self.sentence(field), indent: 4)
    let facts = Self.facts(field)
    if !facts.isEmpty { lines += [""] + facts }
    let below = field.fields
    guard !below.isEmpty else { return lines }
    lines += ["", field.takesOneForm ? "FIELDS (exactly one of them):" : "FIELDS:"]
    for (index, field) in below.enumerated() {
      if index > 0 { lines.append("") }
      lines.append("  " + Self.title(field) + (field.isRequired ? " -required-" : ""))
      lines += (Self.text(Self.sentence(field), indent: 4) + Self.facts(field).map { "    \($0)" })
    }
    return lines
  }

  private static func title(_ field: SchemaField) -> String { "\(field.name) <\(field.type)>" }

  private static func sentence(_ field: SchemaField) -> String {
    let description = field.description ?? ""
    return field.isDeprecated ? "Deprecated. \(description)" : description
  }

  private static func facts(_ field: SchemaField) -> [String] {
    var facts: [String] = []
    if let standard = field.standard { facts.append("DEFAULT: \(standard.string ?? standard.text())") }
    if !field.choices.isEmpty { facts.append("VALUES: \(field.choices.joined(separator: ", "))") }
    switch (field.minimum, field.maximum) {
    case (let minimum?, let maximum?): facts.append("RANGE: \(minimum) to \(maximum)")
    case (let minimum?, nil): facts.append("RANGE: at least \(minimum)")
    case (nil, let maximum?): facts.append("RANGE: at most \(maximum)")
    case (nil, nil): break
    }
    return facts
  }

  private static func text(_ text: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty { lines.append(line) }
    return lines.map { String(repeating: " ", count: indent) + $0 }
  }
}

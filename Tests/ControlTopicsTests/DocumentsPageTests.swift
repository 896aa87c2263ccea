import ControlTopics
import JSON
import RestoreModel
import Testing

/// The page `topics/documents.md`, made from the schema.
@Suite("The page of documents") struct DocumentsPageTests {
  @Test("Its tables are the schema's fields", arguments: ResourceKind.allCases) func page(kind: ResourceKind) throws {
    let page = try #require(ContractFile.named("documents.md")).text
    let root = try #require(try ContractSchema().document(kind))
    let spec = try #require(root.field("spec"))
    let rows = Self.rows(spec, at: "")
    #expect(rows.count > 1)
    let table = (["| field | type | default | |", "|---|---|---|---|"] + rows).joined(separator: "\n")
    let begin = "<!-- generated: \(kind.rawValue); a test compares this with the schema -->"
    #expect(page.contains("\(begin)\n\n\(table)\n\n<!-- end -->"), "write into topics/documents.md:\n\(table)")
  }

  private static func rows(_ field: SchemaField, at path: String) -> [String] {
    field.fields.flatMap { below -> [String] in
      let place = path.isEmpty ? below.name : "\(path).\(below.name)"
      let inner = below.type.hasPrefix("[]") ? "\(place)[]" : below.type.hasPrefix("map") ? "\(place).*" : place
      return [row(below, place)] + rows(below, at: inner)
    }
  }

  private static func row(_ field: SchemaField, _ place: String) -> String {
    var said = field.description ?? ""
    if field.isDeprecated { said = "Deprecated. \(said)" }
    if !field.choices.isEmpty { said += ": " + field.choices.map { "`\($0)`" }.joined(separator: ", ") }
    switch (field.minimum, field.maximum) {
    case (let minimum?, let maximum?): said += " (\(minimum) to \(maximum))"
    case (let minimum?, nil): said += " (at least \(minimum))"
    default: break
    }
    if field.takesOneForm { said += "; exactly one of the fields below" }
    let standard = field.isRequired ? "required" : field.standard.map { "`\($0.string ?? $0.text())`" } ?? ""
    return "| `\(place)` | \(field.type) | \(standard) | \(said) |"
  }
}

/// The rules of a document beyond its shape. Every problem is reported at once, each with its path below `spec` as the document
/// writes it (`config.topics[1].target`); values that may be secrets are never repeated.
package enum Validation {
  package static func problems(of document: ResourceDocument) -> [FieldProblem] {
    switch document.spec {
    case .restore(let spec): problems(of: spec)
    case .storage(let spec): problems(of: spec)
    case .eventHub(let spec): problems(of: spec)
    case .credentials(let spec): problems(of: spec)
    }
  }

  static func nameProblem(_ name: String?, _ path: String, of kind: ResourceKind) -> [FieldProblem] {
    guard let name, !DNSName.isSubdomain(name) else { return [] }
    return [
      FieldProblem(
        path,
        name.isEmpty
          ? "the name of a \(kind.rawValue) is required"
          : "\"\(name)\" is no name of a \(kind.rawValue): lower-case letters, digits, \"-\" and \".\"")
    ]
  }

  /// C strings end at the first zero byte, and a line break in a header or a log line is another line.
  static func hasControlCharacters(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
  }
}

package import JSON
package import RestoreModel

extension ResourceSpec {
  /// Defaults written out, what is absent left out.
  package var json: JSONValue {
    switch self {
    case .restore(let spec): spec.json
    case .storage(let spec): spec.json
    case .eventHub(let spec): spec.json
    case .credentials(let spec): spec.json
    }
  }

  /// Reads the spec alone, such as the result of a merge patch.
  ///
  /// - Parameter warnings: gets what was normalised.
  /// - Throws: `Invalid` with one entry a problem.
  package static func decode(
    _ json: JSONValue, of key: ResourceKey, warnings: inout [String]
  ) throws(Rejection) -> ResourceSpec {
    let errors = FieldErrorCollector()
    let spec = read(key.kind, JSONView(json), at: .root, into: errors, &warnings)
    var problems = errors.found.problems
    if let spec { problems += ResourceDocument(key: key, spec: spec).problems(besides: problems) }
    guard problems.isEmpty, let spec else { throw .invalid(problems) }
    return spec
  }

  /// The form alone, without the rules: what stands in our own topics was accepted once, and rules may grow stricter. Where a field
  /// is wrong the error is added and the rest is read with its default, so that the rules can be checked on it too.
  static func read(
    _ kind: ResourceKind, _ json: JSONView, at path: FieldPath, into errors: FieldErrorCollector,
    _ warnings: inout [String]
  ) -> ResourceSpec? {
    switch kind {
    case .restore:
      Decode.object(json, at: path, into: errors) { RestoreSpec(reading: &$0, &warnings) }.map { .restore($0) }
    case .storage: Decode.object(json, at: path, into: errors) { StorageSpec(reading: &$0) }.map { .storage($0) }
    case .eventHub: Decode.object(json, at: path, into: errors) { EventHubSpec(reading: &$0) }.map { .eventHub($0) }
    case .credentials:
      Decode.object(json, at: path, into: errors) { CredentialsSpec(reading: &$0) }.map { .credentials($0) }
    }
  }
}

extension ResourceDocument {
  /// Rules that the document breaks, but for those about fields whose form is wrong already: one mistake, one message.
  func problems(besides found: [RestoreModel.FieldProblem]) -> [RestoreModel.FieldProblem] {
    // An entry that can't be read is missing from the list, so the places of the others are no longer those of the document.
    let lists = ["config.topics", "config.mapping"].contains { list in found.contains { $0.path.hasPrefix(list) } }
    return Validation.problems(of: self).filter { problem in
      if lists, problem.path.hasPrefix("config.topics") { return false }
      return !found.contains { Self.isWithin($0.path, problem.path) || Self.isWithin(problem.path, $0.path) }
    }
  }

  /// Whether `path` is that of `outer` or of a part of it.
  private static func isWithin(_ path: String, _ outer: String) -> Bool {
    guard !outer.isEmpty, path.hasPrefix(outer) else { return false }
    let rest = path.dropFirst(outer.count)
    // Whoever wrote a secret itself has left out its reference, and was told so.
    return rest.isEmpty || rest.hasPrefix(".") || rest.hasPrefix("[") || rest == "From"
  }
}

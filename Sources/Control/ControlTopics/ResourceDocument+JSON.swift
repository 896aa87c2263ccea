package import JSON
package import RestoreModel

/// The form in which people write documents: `{apiVersion, kind, metadata, spec}`.
package enum DocumentForm {
  package static let group = "kannika.io"
  package static let apiVersion = "kannika.io/v1alpha"
}

extension ResourceDocument {
  /// Reads a document and reports everything that is wrong with it at once. Paths are those of the spec (`config.topics[1].target`), and
  /// `metadata.…` outside of it. No value is ever part of a message: it might be a secret.
  ///
  /// What the server writes itself (`status`, `metadata.uid`, …) may stand there and doesn't count, so that a document that was read from
  /// the service can be applied again.
  ///
  /// - Parameter expectedKey: whose document it must be.
  /// - Throws: `Invalid` with one entry a problem; `NewerVersion` for another version of the API.
  package static func decode(_ json: JSONValue, expectedKey: ResourceKey? = nil) throws(Rejection) -> ResourceDocument {
    let errors = FieldErrorCollector()
    var warnings: [String] = []
    var foreignVersion = false
    let document: ResourceDocument? = Decode.object(json, at: .root, into: errors) { fields in
      let version = fields.string("apiVersion")
      foreignVersion = version.map { $0 != DocumentForm.apiVersion } ?? false
      let kind = fields.choice("kind", of: ResourceKind.self)
      let metadata = fields.object("metadata") { DocumentMetadata(reading: &$0) }
      let written = fields.view("spec")
      fields.ignore("status")
      let spec = kind.flatMap { kind in
        written.flatMap { ResourceSpec.read(kind, $0, at: .root, into: errors, &warnings) }
      }
      fields.finish()
      guard let kind, let metadata else { return nil }
      if let expectedKey { metadata.compare(with: expectedKey, kind: kind, errors) }
      guard let spec else { return nil }
      return metadata.document(spec)
    }
    if foreignVersion { throw .foreignVersion }
    var problems = errors.found.problems
    if let document { problems += document.problems(besides: problems) }
    guard problems.isEmpty, var document else { throw .invalid(problems) }
    document.warnings = warnings
    return document
  }

  /// As `decode` reads it, defaults written out.
  package var json: JSONValue {
    .build { fields in
      fields.put("apiVersion", DocumentForm.apiVersion)
      fields.put("kind", key.kind.rawValue)
      fields["metadata"] = .build { metadata in
        metadata.put("name", key.name)
        metadata.put("namespace", key.namespace)
        metadata["labels"] = labels.map { .strings($0) }
        metadata["annotations"] = annotations.map { .strings($0) }
      }
      fields["spec"] = spec.json
    }
  }
}

/// `metadata` as people write it.
struct DocumentMetadata {
  var name: String
  var namespace: String
  var labels: [String: String]?
  var annotations: [String: String]?

  init?(reading fields: inout ObjectReader) {
    let name = fields.string("name")
    let namespace = fields.optionalString("namespace")
    labels = fields.optionalStringMap("labels")
    annotations = fields.optionalStringMap("annotations")
    fields.ignore("uid", "generation", "creationTimestamp", "resourceVersion", "managedFields", "selfLink")
    fields.finish()
    if let name, !DNSName.isSubdomain(name) {
      fields.reject("name", "must be a DNS-1123 name: lower-case letters, digits, '-' and '.', at most 253")
    }
    if let namespace, !DNSName.isLabel(namespace) {
      fields.reject("namespace", "must be a DNS-1123 label: lower-case letters, digits and '-', at most 63")
    }
    guard let name else { return nil }
    self.name = name
    self.namespace = namespace ?? ResourceKey.defaultNamespace
  }

  func compare(with key: ResourceKey, kind: ResourceKind, _ errors: FieldErrorCollector) {
    func compare(_ path: FieldPath, _ found: String, _ expected: String) {
      if found != expected { errors.add(path, "must be \(expected), as the record's key says") }
    }
    compare(FieldPath.root["kind"], kind.rawValue, key.kind.rawValue)
    compare(FieldPath.root["metadata"]["name"], name, key.name)
    compare(FieldPath.root["metadata"]["namespace"], namespace, key.namespace)
  }

  func document(_ spec: ResourceSpec) -> ResourceDocument {
    ResourceDocument(
      key: ResourceKey(spec.kind, namespace: namespace, name: name), spec: spec, labels: labels,
      annotations: annotations)
  }
}

extension Rejection {
  static func invalid(_ problems: [RestoreModel.FieldProblem]) -> Rejection {
    Rejection(
      .invalid, problems.count == 1 ? "the document has an error" : "the document has \(problems.count) errors",
      errors: problems)
  }

  static var foreignVersion: Rejection {
    Rejection(
      .newerVersion, "the document is not of apiVersion \(DocumentForm.apiVersion), the only one known here",
      errors: [RestoreModel.FieldProblem("apiVersion", "must be \(DocumentForm.apiVersion)")])
  }
}

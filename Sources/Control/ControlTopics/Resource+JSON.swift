package import Crypto
package import JSON
package import RestoreModel

extension Resource {
  /// The whole document as the service shows it: `{apiVersion, kind, metadata, spec, status}`.
  package var json: JSONValue {
    .build { fields in
      Self.write(metadata, spec, to: &fields)
      fields["status"] = status.json(name: metadata.name)
    }
  }

  /// What `specs` holds: the same without the status.
  var specJSON: JSONValue { Self.specJSON(metadata, spec) }

  static func specJSON(_ metadata: Metadata, _ spec: ResourceSpec) -> JSONValue {
    .build { write(metadata, spec, to: &$0) }
  }

  private static func write(_ metadata: Metadata, _ spec: ResourceSpec, to fields: inout JSONObject) {
    fields.put("apiVersion", DocumentForm.apiVersion)
    fields.put("kind", spec.kind.rawValue)
    fields["metadata"] = metadata.json
    fields["spec"] = spec.json
  }

  /// SHA-256 of `{metadata, spec, status}` as they are written, the status without its progress, members sorted, no white space; lower-case
  /// hexadecimal. `audit` recomputes it for every event.
  package func stateHash() throws(CryptoError) -> String {
    let state: JSONValue = [
      "metadata": metadata.json, "spec": spec.json, "status": status.json(name: metadata.name, progress: false),
    ]
    return try SHA256Sum.of(state.serialized(.canonical)).hex
  }
}

extension Metadata {
  package var json: JSONValue {
    .build { fields in
      fields.put("name", name)
      fields.put("namespace", namespace)
      fields.put("uid", uid.text)
      fields.put("generation", generation)
      fields.put("creationTimestamp", creationTimestamp)
      fields.put("labels", labels)
      fields.put("annotations", annotations)
    }
  }

  init?(reading fields: inout ObjectReader) {
    let name = fields.string("name")
    let namespace = fields.string("namespace")
    let uid = fields.string("uid")
    let generation = fields.int("generation", in: Counted.range)
    let created = fields.instant("creationTimestamp")
    let labels = fields.optionalStringMap("labels")
    let annotations = fields.optionalStringMap("annotations")
    fields.finish()
    guard let name, let namespace, let uid, let generation, let created else { return nil }
    self.init(name: name, namespace: namespace, uid: UID(uid), generation: generation, creationTimestamp: created)
    self.labels = labels ?? [:]
    self.annotations = annotations ?? [:]
  }
}

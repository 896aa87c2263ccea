import JSON

extension AttackerTests {
  /// A command that must be rejected.
  struct Attack {
    var key: String
    var value: String
    /// Where the rejection must point; nil: wherever.
    var path: String?
  }

  static func propertyAttacks(_ marker: String, servers: String) -> [Attack] {
    func json(_ properties: [String: String]) -> String {
      JSONValue.object(JSONObject(properties.map { ($0.key, JSONValue.string($0.value)) })).description
    }
    return forbidden.flatMap { name in
      let hub = json(["bootstrap.servers": servers, name: marker])
      let more = json([name: marker])
      return [
        Attack(
          key: "eventhubs/default/evil", value: #"{"command":"Create","spec":{"kafka":{"properties":\#(hub)}}}"#,
          path: "kafka.properties.\(name)"),
        Attack(
          key: "restores/default/evil",
          value: #"{"command":"Create","spec":{"source":"s","sink":"k","sinkAdditionalProps":\#(more),"config":{}}}"#,
          path: "sinkAdditionalProps.\(name)"),
        Attack(
          key: "restores/default/evil",
          value: #"{"command":"Create","spec":{"source":"s","sink":"k","sourceAdditionalProps":\#(more),"config":{}}}"#,
          path: "sourceAdditionalProps.\(name)"),
      ]
    }
  }

  /// Secrets where they don't belong, in every form that a reader may trip over.
  static func secretAttacks(_ marker: String) -> [Attack] {
    func credentials(_ spec: String, _ path: String?) -> Attack {
      Attack(key: "credentials/default/evil", value: #"{"command":"Create","spec":\#(spec)}"#, path: path)
    }
    return [
      credentials(#"{"sasl":{"mechanism":"PLAIN","username":"u","password":"\#(marker)"}}"#, "sasl.password"),
      credentials(#"{"sasl":{"mechanism":"PLAIN","username":"u","passwordFrom":"\#(marker)"}}"#, "sasl.passwordFrom"),
      credentials(#"{"sasl":{"mechanism":"PLAIN","username":"u","passwordFrom":["\#(marker)"]}}"#, "sasl.passwordFrom"),
      credentials(#"{"sasl":{"mechanism":"PLAIN","username":"u","passwordFrom":{"value":"\#(marker)"}}}"#, nil),
      credentials(#"{"sasl":{"mechanism":"PLAIN","username":"u","passwordFrom":{"env":"\#(marker)!"}}}"#, nil),
      credentials(#"{"sasl":{"mechanism":"PLAIN","username":"u","passwordFrom":{"file":"\#(marker)"}}}"#, nil),
      credentials(#"{"aws":{"accessKeyId":"\#(marker)","secretAccessKey":"\#(marker)"}}"#, "aws.secretAccessKey"),
      credentials(#"{"mTls":{"certificateFrom":{"file":"/a"},"key":"\#(marker)"}}"#, "mTls.key"),
      credentials(#"{"httpBasic":{"username":"u","password":"\#(marker)"}}"#, "httpBasic.password"),
      credentials(#"{"sasl":{"mechanism":"\#(marker)"}}"#, "sasl.mechanism"),
      credentials(#"{"sasl":"\#(marker)"}"#, "sasl"),
      // Broken JSON, with the secret where the parser stumbles.
      credentials(#"{"sasl":{"password" "\#(marker)"}}"#, nil),
      credentials(#"{"sasl":{"password":\#(marker)}}"#, nil),
      credentials(#"{"sasl":{"password":"\#(marker)"#, nil),
      Attack(
        key: "storages/default/evil",
        value: #"{"command":"Create","spec":{"s3":{"bucket":"abc","endpoint":"https://u:\#(marker)@host"}}}"#,
        path: "s3.endpoint"),
    ]
  }

  /// A Restore with one thing in it that the operator doesn't allow.
  struct Reference {
    var name: String
    var reason = ""
    var says = ""
    /// Instead of the archive that may be read.
    var volume: String?
    var credentials: String?
    /// Of the EventHub, after `bootstrap.servers`.
    var properties = ""
    var config = ""

    func documents(_ source: String, _ target: String, archive: String, servers: String) -> String {
      let head = "---\napiVersion: kannika.io/v1alpha\nmetadata: {name: \(name)}\n"
      let more = credentials == nil ? properties : "security.protocol: SASL_PLAINTEXT"
      return head + "kind: Storage\nspec: {volume: {path: \"\(volume ?? archive)\"}}\n"
        + head + "kind: EventHub\nspec: {kafka: {properties: {bootstrap.servers: \"\(servers)\""
        + (more.isEmpty ? "" : ", \(more)") + "}}}\n"
        + (credentials.map { head + "kind: Credentials\nspec: \($0)\n" } ?? "")
        + head + "kind: Restore\nspec: {source: \(name), sink: \(name), enabled: true, "
        + (credentials == nil ? "" : "sinkCredentialsFrom: {credentialsRef: {name: \(name)}}, ")
        + "config: {\(config)topics: [{source: \(source), target: \(target)}]}}\n"
    }
  }

  static func referenceAttacks(_ folder: String, _ servers: String) -> [Reference] {
    func secret(_ name: String, _ reference: String, _ says: String) -> Reference {
      Reference(
        name: name, reason: "SecretUnavailable", says: says,
        credentials: "{sasl: {mechanism: PLAIN, username: u, passwordFrom: \(reference)}}")
    }
    func volume(_ name: String, _ path: String) -> Reference {
      Reference(name: name, reason: "StorageForbidden", says: "volume.path \(path) is not under", volume: path)
    }
    let outside = "is not under a directory configured for secrets"
    return [
      secret("variable", "{env: DATABASE_PASSWORD}", "DATABASE_PASSWORD does not begin with the prefix"),
      secret("variable-inner", "{env: XSECRET_GOOD}", "XSECRET_GOOD does not begin with the prefix"),
      secret("variable-missing", "{env: SECRET_NONE}", "SECRET_NONE is not set"),
      secret("file", "{file: \(folder)/private/stolen}", outside),
      secret("file-dots", "{file: \(folder)/secrets/../private/stolen}", outside),
      secret("file-link", "{file: \(folder)/secrets/link}", outside),
      secret("file-sibling", "{file: \(folder)/secretsandmore}", outside),
      secret("file-absent", "{file: /nowhere/at/all}", outside),
      secret("file-proc", "{file: /proc/self/environ}", outside),
      volume("outside", "\(folder)/private/archive"),
      volume("volume-dots", "\(folder)/cold/../private/archive"),
      volume("volume-link", "\(folder)/cold/link/archive"),
      volume("volume-relative", "private/archive"),
      volume("volume-root", "/"),
      Reference(
        name: "authority", reason: "InvalidSink", says: "ssl.ca.location names is not under",
        properties: "ssl.ca.location: \(folder)/private/stolen"),
      Reference(
        name: "mapping", reason: "SecretUnavailable", says: outside,
        config: "schemaMappingFrom: {file: \(folder)/private/stolen}, "),
      // It may be read, but it is no mapping, and what it is must not be told.
      Reference(
        name: "no-mapping", reason: "InvalidSchemaMapping", says: "\(folder)/secrets/password",
        config: "schemaMappingFrom: {file: \(folder)/secrets/password}, "),
    ]
  }
}

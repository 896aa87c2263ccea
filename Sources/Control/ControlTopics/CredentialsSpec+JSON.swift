import JSON
import RestoreModel

/// Every secret is a reference, `{env: NAME}` or `{file: PATH}`. A secret in its place is refused by name and never repeated.
extension CredentialsSpec {
  var json: JSONValue {
    switch self {
    case .aws(let id, let key, let token):
      [
        "aws": .build { fields in
          fields["accessKeyIdFrom"] = id.json
          fields["secretAccessKeyFrom"] = key.json
          fields["sessionTokenFrom"] = token?.json
        }
      ]
    case .httpBasic(let username, let password):
      ["httpBasic": ["username": .string(username), "passwordFrom": password.json]]
    case .mutualTLS(let certificate, let key, let authority, let password):
      [
        "mTls": .build { fields in
          fields["certificateFrom"] = certificate.json
          fields["keyFrom"] = key.json
          fields["caFrom"] = authority?.json
          fields["keyPasswordFrom"] = password?.json
        }
      ]
    case .sasl(let credentials): ["sasl": credentials.json]
    }
  }

  init?(reading fields: inout ObjectReader) {
    let aws = fields.optionalObject("aws") { CredentialsSpec(readingAWS: &$0) }
    let basic = fields.optionalObject("httpBasic") { CredentialsSpec(readingBasic: &$0) }
    let tls = fields.optionalObject("mTls") { CredentialsSpec(readingTLS: &$0) }
    let sasl = fields.optionalObject("sasl") { SASLCredentials(reading: &$0) }
    fields.finish()
    fields.requireOne(of: "aws", "httpBasic", "mTls", "sasl")
    guard let spec = aws ?? basic ?? tls ?? sasl.map({ .sasl($0) }) else { return nil }
    self = spec
  }

  private init?(readingAWS fields: inout ObjectReader) {
    let id = fields.secret("accessKeyId")
    let key = fields.secret("secretAccessKey")
    let token = fields.optionalSecret("sessionToken")
    fields.finish()
    guard let id, let key else { return nil }
    self = .aws(accessKeyIDFrom: id, secretAccessKeyFrom: key, sessionTokenFrom: token)
  }

  private init?(readingBasic fields: inout ObjectReader) {
    let username = fields.string("username")
    let password = fields.secret("password")
    fields.finish()
    guard let username, let password else { return nil }
    self = .httpBasic(username: username, passwordFrom: password)
  }

  private init?(readingTLS fields: inout ObjectReader) {
    let certificate = fields.secret("certificate")
    let key = fields.secret("key")
    let authority = fields.optionalSecret("ca")
    let password = fields.optionalSecret("keyPassword")
    fields.finish()
    guard let certificate, let key else { return nil }
    self = .mutualTLS(certificateFrom: certificate, keyFrom: key, caFrom: authority, keyPasswordFrom: password)
  }
}

extension SASLCredentials {
  fileprivate var json: JSONValue {
    .build { fields in
      fields.put("mechanism", mechanism.rawValue)
      fields.put("username", username)
      fields["passwordFrom"] = passwordFrom?.json
    }
  }

  fileprivate init?(reading fields: inout ObjectReader) {
    let mechanism = fields.choice("mechanism", of: Mechanism.self)
    let username = fields.optionalString("username")
    let password = fields.optionalSecret("password")
    fields.finish()
    guard let mechanism else { return nil }
    self.init(mechanism: mechanism, username: username, passwordFrom: password)
  }
}

extension SecretReference {
  fileprivate var json: JSONValue {
    switch self {
    case .environment(let name): ["env": .string(name)]
    case .file(let path): ["file": .string(path)]
    }
  }

  fileprivate init?(reading fields: inout ObjectReader) {
    let name = fields.optionalString("env")
    let path = fields.optionalString("file")
    fields.finish()
    fields.requireOne(of: "env", "file")
    if let name { self = .environment(name) } else if let path { self = .file(path) } else { return nil }
  }
}

extension ObjectReader {
  /// Reads `<name>From`.
  fileprivate mutating func secret(_ name: String) -> SecretReference? {
    guard !refusesInline(name) else {
      ignore("\(name)From")
      return nil
    }
    return object("\(name)From") { SecretReference(reading: &$0) }
  }

  fileprivate mutating func optionalSecret(_ name: String) -> SecretReference? {
    guard !refusesInline(name) else {
      ignore("\(name)From")
      return nil
    }
    return optionalObject("\(name)From") { SecretReference(reading: &$0) }
  }

  /// A secret in the document itself would be written to a topic that is kept for ever.
  private mutating func refusesInline(_ name: String) -> Bool {
    guard contains(name) else { return false }
    ignore(name)
    reject(name, "must not be written into a document; use \(name)From with {env: NAME} or {file: PATH}")
    return true
  }
}

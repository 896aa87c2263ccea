extension Validation {
  static func problems(of spec: StorageSpec) -> [FieldProblem] {
    switch spec {
    case .volume(let path):
      if path.isEmpty { return [FieldProblem("volume.path", "a directory is required")] }
      return hasControlCharacters(path) ? [FieldProblem("volume.path", "holds a control character")] : []
    case .s3(let location): return problems(of: location)
    }
  }

  /// Bucket names: the S3 user guide's rules for general purpose buckets.
  private static func problems(of location: S3Location) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    if !(3...63).contains(location.bucket.utf8.count) || !DNSName.isSubdomain(location.bucket) {
      problems.append(
        FieldProblem(
          "s3.bucket", "\"\(location.bucket)\" is no bucket: 3 to 63 lower-case letters, digits, \".\", \"-\""))
    }
    if !DNSName.isLabel(location.region) {
      problems.append(FieldProblem("s3.region", "\"\(location.region)\" is no region"))
    }
    if let prefix = location.prefix, hasControlCharacters(prefix) {
      problems.append(FieldProblem("s3.prefix", "holds a control character"))
    }
    if let endpoint = location.endpoint { problems += endpointProblems(endpoint) }
    return problems
  }

  private static func endpointProblems(_ endpoint: String) -> [FieldProblem] {
    let schemes = ["http://", "https://"]
    guard let scheme = schemes.first(where: { endpoint.hasPrefix($0) }) else {
      return [FieldProblem("s3.endpoint", "must begin with http:// or https://")]
    }
    let rest = endpoint.dropFirst(scheme.count)
    // A user part is a secret, so the value isn't repeated.
    if rest.contains("@") {
      return [
        FieldProblem("s3.endpoint", "must not hold a user or password: name Credentials in sourceCredentialsFrom")
      ]
    }
    let illegal = rest.unicodeScalars.contains { $0.value <= 0x20 || $0.value >= 0x7F || $0 == "?" || $0 == "#" }
    return rest.isEmpty || illegal ? [FieldProblem("s3.endpoint", "must be scheme://host[:port][/path]")] : []
  }

  static func problems(of spec: EventHubSpec) -> [FieldProblem] {
    var problems = ClientProperties.problems(spec.properties, "kafka.properties", namesCluster: true)
    if spec.bootstrapServers?.isEmpty ?? true {
      problems.append(
        FieldProblem("kafka.properties", "bootstrap.servers (or metadata.broker.list) is required"))
    }
    if let first = spec.properties["bootstrap.servers"], let second = spec.properties["metadata.broker.list"],
      first != second
    {
      problems.append(
        FieldProblem(
          "kafka.properties.metadata.broker.list", "means the same as bootstrap.servers and differs from it: keep one"))
    }
    return problems
  }

  static func problems(of spec: CredentialsSpec) -> [FieldProblem] {
    switch spec {
    case .aws(let id, let secret, let token):
      referenceProblems(id, "aws.accessKeyIdFrom") + referenceProblems(secret, "aws.secretAccessKeyFrom")
        + referenceProblems(token, "aws.sessionTokenFrom")
    case .httpBasic(let username, let password):
      usernameProblems(username, "httpBasic.username") + referenceProblems(password, "httpBasic.passwordFrom")
    case .mutualTLS(let certificate, let key, let ca, let keyPassword):
      referenceProblems(certificate, "mTls.certificateFrom") + referenceProblems(key, "mTls.keyFrom")
        + referenceProblems(ca, "mTls.caFrom") + referenceProblems(keyPassword, "mTls.keyPasswordFrom")
    case .sasl(let sasl): problems(of: sasl)
    }
  }

  private static func problems(of sasl: SASLCredentials) -> [FieldProblem] {
    let references = referenceProblems(sasl.passwordFrom, "sasl.passwordFrom")
    guard sasl.mechanism != .oauthBearer else { return references }
    let missing =
      sasl.passwordFrom == nil
      ? [FieldProblem("sasl.passwordFrom", "is required for \(sasl.mechanism.rawValue)")] : []
    return usernameProblems(sasl.username ?? "", "sasl.username") + missing + references
  }

  private static func usernameProblems(_ name: String, _ path: String) -> [FieldProblem] {
    name.isEmpty || hasControlCharacters(name) ? [FieldProblem(path, "a user name is required")] : []
  }

  /// The value of a reference may be a secret put in the wrong place: it is not repeated.
  private static func referenceProblems(_ reference: SecretReference?, _ path: String) -> [FieldProblem] {
    switch reference {
    case .environment(let name):
      let legal = name.utf8.enumerated().allSatisfy { index, byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
        default: false
        }
      }
      return legal && !name.isEmpty
        ? [] : [FieldProblem(path, "must name an environment variable: letters, digits and \"_\"")]
    case .file(let file): return fileProblems(file, path)
    case nil: return []
    }
  }

  /// Whether a file lies under the operator's roots is seen at the moment of use.
  static func fileProblems(_ file: String, _ path: String) -> [FieldProblem] {
    guard file.hasPrefix("/"), !hasControlCharacters(file) else {
      return [FieldProblem(path, "must name a file by its absolute path")]
    }
    return []
  }
}

package import Kafka
import Logging
package import RestoreModel

/// How the sink is reached: an EventHub's properties, the Restore's additional ones and its credentials as librdkafka's properties.
package struct SinkConnection: Sendable {
  let hub: EventHubSpec
  let additional: [String: String]
  let credentials: CredentialsSpec?
  let policy: EnginePolicy
  /// The name under which brokers see the client, unless the EventHub sets one.
  var clientID: String?

  package init(
    hub: EventHubSpec, additional: [String: String] = [:], credentials: CredentialsSpec? = nil, policy: EnginePolicy
  ) {
    self.hub = hub
    self.additional = additional
    self.credentials = credentials
    self.policy = policy
  }

  package init(_ item: WorkItem, policy: EnginePolicy) {
    self.init(
      hub: item.sink, additional: item.spec.sinkAdditionalProperties, credentials: item.sinkCredentials, policy: policy)
    clientID = "\(item.id.key.name)-\(item.id.run)"
  }

  /// Reads the secrets, so call it right before use and drop the result afterwards. Errors name properties and references, never values.
  package func configuration(log: (@Sendable (KafkaLogLine) -> Void)? = nil) throws(RunFault) -> KafkaConfiguration {
    guard let servers = hub.bootstrapServers, !servers.isEmpty else {
      throw Self.invalid("the EventHub has no bootstrap.servers")
    }
    var properties = hub.properties.merging(additional) { $1 }
    // The documents were checked before they got here; this is the second lock on the same door.
    let problems =
      ClientProperties.problems(hub.properties, "kafka.properties", namesCluster: true)
      + ClientProperties.problems(additional, "sinkAdditionalProps", namesCluster: false)
    if !problems.isEmpty { throw Self.invalid(problems.map(\.description).joined(separator: "; ")) }
    try confineFiles(in: &properties)
    properties["metadata.broker.list"] = nil
    try addCredentials(to: &properties)
    if properties["client.id"] == nil { properties["client.id"] = clientID }
    // Without it the restored topic would take up what it takes uncompressed.
    if properties["compression.type"] == nil, properties["compression.codec"] == nil {
      properties["compression.type"] = "zstd"
    }
    let configuration = KafkaConfiguration(
      bootstrapServers: servers, properties: properties, log: log)
    do { try configuration.validate() } catch { throw Self.invalid(error.message) }
    return configuration
  }

  private func addCredentials(to properties: inout [String: String]) throws(RunFault) {
    let secrets = SecretReader(policy: policy)
    switch credentials {
    case nil: return
    case .sasl(let sasl): try add(sasl, secrets, to: &properties)
    case .mutualTLS(let certificate, let key, let ca, let keyPassword):
      properties["ssl.certificate.pem"] = try secrets.read(certificate, for: "mTls certificate").revealed
      properties["ssl.key.pem"] = try secrets.read(key, for: "mTls key").revealed
      if let ca { properties["ssl.ca.pem"] = try secrets.read(ca, for: "mTls CA").revealed }
      if let keyPassword {
        properties["ssl.key.password"] = try secrets.read(keyPassword, for: "mTls key password").revealed
      }
      properties["security.protocol"] = properties["security.protocol"] ?? "SSL"
    case .aws, .httpBasic:
      throw RunFault(
        reason: "InvalidCredentials", message: "the credentials of the sink must be of the form sasl or mTls")
    }
  }

  private func add(
    _ sasl: SASLCredentials, _ secrets: SecretReader, to properties: inout [String: String]
  ) throws(RunFault) {
    properties["sasl.mechanism"] = nil
    properties["sasl.mechanisms"] = sasl.mechanism.rawValue
    // A password never goes over an unencrypted line unless the EventHub says so.
    properties["security.protocol"] = properties["security.protocol"] ?? "SASL_SSL"
    let password = try sasl.passwordFrom.map { reference throws(RunFault) in
      try secrets.read(reference, for: "SASL password").revealed
    }
    switch sasl.mechanism {
    case .plain, .scramSHA256, .scramSHA512:
      if let username = sasl.username { properties["sasl.username"] = username }
      if let password { properties["sasl.password"] = password }
    case .oauthBearer:
      properties["sasl.oauthbearer.method"] = "oidc"
      if let username = sasl.username { properties["sasl.oauthbearer.client.id"] = username }
      if let password { properties["sasl.oauthbearer.client.secret"] = password }
    }
  }

  /// Properties that name files: only under the operator's roots, or anybody could have any file read here.
  private func confineFiles(in properties: inout [String: String]) throws(RunFault) {
    for name in ClientProperties.files.sorted() {
      guard let path = properties[name] else { continue }
      do { properties[name] = try RootedPath(path, under: policy.secretRoots).text } catch {
        throw Self.invalid("the file that \(name) names is not under a directory configured for secrets, or not there")
      }
    }
  }

  private static func invalid(_ message: String) -> RunFault { RunFault(reason: "InvalidSink", message: message) }
}

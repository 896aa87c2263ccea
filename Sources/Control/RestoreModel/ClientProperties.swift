/// Which librdkafka properties a document may set (names: librdkafka's CONFIGURATION.md). Whoever may write `commands` must not
/// gain the service's own powers: nothing here runs a command, loads a library or reads a private file, and nothing carries the
/// guarantees of a run, which it sets itself.
package enum ClientProperties {
  /// Where the cluster is: of an EventHub only.
  static let cluster: Set<String> = ["bootstrap.servers", "metadata.broker.list"]

  static let allowed: Set<String> = [
    "client.id", "client.rack",
    "broker.address.family", "broker.address.ttl", "client.dns.lookup",
    "connections.max.idle.ms", "reconnect.backoff.ms", "reconnect.backoff.max.ms", "retry.backoff.ms",
    "socket.timeout.ms", "socket.connection.setup.timeout.ms", "socket.keepalive.enable", "socket.nagle.disable",
    "socket.send.buffer.bytes", "socket.receive.buffer.bytes", "socket.max.fails",
    "metadata.max.age.ms", "topic.metadata.refresh.interval.ms", "topic.metadata.refresh.fast.interval.ms",
    "topic.metadata.refresh.sparse",
    "api.version.request", "api.version.request.timeout.ms", "api.version.fallback.ms", "broker.version.fallback",
    "security.protocol",
    "ssl.cipher.suites", "ssl.curves.list", "ssl.sigalgs.list", "ssl.ca.location", "ssl.ca.pem", "ssl.crl.location",
    "enable.ssl.certificate.verification", "ssl.endpoint.identification.algorithm",
    "sasl.mechanism", "sasl.mechanisms", "sasl.username",
    "sasl.oauthbearer.method", "sasl.oauthbearer.client.id", "sasl.oauthbearer.scope",
    "sasl.oauthbearer.extensions", "sasl.oauthbearer.token.endpoint.url",
    "compression.type", "compression.codec", "compression.level", "linger.ms", "queue.buffering.max.ms",
  ]

  /// Allowed ones whose value names a file: it must lie under the operator's roots when it is used.
  package static let files: Set<String> = ["ssl.ca.location", "ssl.crl.location"]

  static let secrets: Set<String> = [
    "sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password", "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config",
  ]

  static let clientCertificate: Set<String> = [
    "ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location", "ssl.keystore.location",
  ]

  static let guarantees: Set<String> = [
    "transactional.id", "transaction.timeout.ms", "enable.idempotence", "enable.gapless.guarantee", "acks",
    "request.required.acks", "isolation.level", "retries", "message.send.max.retries", "message.timeout.ms",
    "delivery.timeout.ms", "max.in.flight", "max.in.flight.requests.per.connection", "partitioner", "group.id",
    "group.instance.id", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset",
    "allow.auto.create.topics", "message.max.bytes", "batch.size", "batch.num.messages", "check.crcs",
  ]

  /// Values are never repeated: any of them may be a secret put in the wrong place.
  package static func problems(_ properties: [String: String], _ path: String, namesCluster: Bool) -> [FieldProblem] {
    properties.sorted { $0.key < $1.key }.compactMap { name, value in
      let problem =
        refusal(of: name, namesCluster: namesCluster)
        ?? (holdsIllegalCharacter(value, in: name) ? "the value holds a control character" : nil)
      return problem.map { FieldProblem("\(path).\(name)", $0) }
    }
  }

  private static func refusal(of name: String, namesCluster: Bool) -> String? {
    if allowed.contains(name) { return nil }
    if cluster.contains(name) { return namesCluster ? nil : "names the cluster: set it on the EventHub" }
    if secrets.contains(name) {
      return "is a secret and is never written to a topic: name Credentials in sinkCredentialsFrom or "
        + "sourceCredentialsFrom, which refer to a file or an environment variable"
    }
    if clientCertificate.contains(name) {
      return "is a client's certificate or key: name Credentials with mTls in sinkCredentialsFrom"
    }
    if guarantees.contains(name) { return "carries a guarantee of the run, which sets it itself" }
    return "may not be set here"
  }

  private static func holdsIllegalCharacter(_ value: String, in name: String) -> Bool {
    guard name == "ssl.ca.pem" else { return Validation.hasControlCharacters(value) }
    return value.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\r" }
  }
}

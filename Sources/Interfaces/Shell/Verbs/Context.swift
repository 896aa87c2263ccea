import CommandLineParser
import Kafka
import Logging
import RestoreModel

/// What a verb works with: the understood command line, the streams, the ports.
struct Context: Sendable {
  static let defaultTimeout = Duration.seconds(10)

  let invocation: Invocation
  let terminal: Terminal
  let ports: Ports
  let environment: [String: String]
  let log: Logger

  var topicPrefix: String { invocation.value("topic-prefix") ?? "thaw." }

  /// `--timeout`; nil when it isn't given.
  func timeout() throws -> Duration? { try invocation.duration("timeout") }

  func namespace() throws -> String {
    let namespace = invocation.value("namespace") ?? ResourceKey.defaultNamespace
    guard DNSName.isLabel(namespace) else {
      throw invocation.invalid("namespace", "a DNS-1123 label: lower-case letters, digits and dashes")
    }
    return namespace
  }

  func connection() throws -> Connection {
    guard let servers = invocation.value("bootstrap-servers") else {
      throw ShellFailure(
        .usage,
        "no broker is named; say --bootstrap-servers HOST:PORT, or set THAW_BOOTSTRAP_SERVERS")
    }
    var properties: [String: String] = [:]
    for (key, value) in try invocation.pairs("property") { properties[key] = value }
    let log = log.named("kafka")
    let kafka = KafkaConfiguration(bootstrapServers: servers, properties: properties) { line in
      log.debug(line.message, ["facility": line.facility])
    }
    do { try kafka.validate() } catch { throw ShellFailure(.usage, "-X: \(error.message)") }
    return Connection(kafka: kafka, topicPrefix: topicPrefix, timeout: try timeout() ?? Self.defaultTimeout)
  }

  func client() async throws -> any ControlClient { try await ports.client(try connection()) }

  /// The argument as a name of `kind` in the chosen namespace.
  func key(_ kind: ResourceKind) throws -> ResourceKey {
    ResourceKey(kind, namespace: try namespace(), name: try checked(invocation.argument("NAME") ?? ""))
  }

  private func checked(_ name: String) throws(ShellFailure) -> String {
    guard DNSName.isSubdomain(name) else {
      throw ShellFailure(.usage, "\"\(name)\" is no name: lower-case letters, digits, dashes and dots only")
    }
    return name
  }

  /// The optional argument NAME: `orders` is a Restore, `storages/archive` anything.
  func selectedKey() throws -> ResourceKey? {
    guard let name = invocation.argument("NAME") else { return nil }
    let parts = name.split(separator: "/").map(String.init)
    guard parts.count == 2 else { return try key(.restore) }
    return ResourceKey(try KindName.parse(parts[0]), namespace: try namespace(), name: try checked(parts[1]))
  }

  /// What `KIND [NAME]` names; `KIND/NAME`, as kubectl has it, will do too.
  func named() throws -> (kind: ResourceKind, name: String?) {
    let parts = (invocation.argument("KIND") ?? "").split(separator: "/", maxSplits: 1).map(String.init)
    let kind = try KindName.parse(parts.first ?? "")
    guard parts.count == 2 else { return (kind, try invocation.argument("NAME").map(checked)) }
    guard invocation.argument("NAME") == nil else { throw invocation.usageError("one name is enough") }
    return (kind, try checked(parts[1]))
  }

  /// The same where a name must be there.
  func namedKey() throws -> ResourceKey {
    let (kind, name) = try named()
    guard let name else { throw invocation.usageError("NAME is missing") }
    return ResourceKey(kind, namespace: try namespace(), name: name)
  }
}

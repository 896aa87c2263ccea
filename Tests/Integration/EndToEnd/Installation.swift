import Glibc
import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

/// An installation of Thaw on a broker: control topics of a prefix of their own, a folder for archives, and services as processes.
final class Installation: Sendable {
  let broker: Broker
  let prefix: String
  let folder: String
  var archive: String { "\(folder)/cold" }
  var servers: String { broker.bootstrapServers }

  /// Of every process of it, beside what says where the control topics are.
  private let variables: [String: String]

  init(on broker: Broker, variables: [String: String] = [:]) async throws {
    self.broker = broker
    self.variables = variables
    prefix = uniqueName("t") + "."
    folder = try TemporaryDirectory.make("installation")
    try #require(mkdir("\(folder)/cold", 0o755) == 0)
    try await thaw("topics", "create")
  }

  var environment: [String: String] {
    ["THAW_BOOTSTRAP_SERVERS": servers, "THAW_TOPIC_PREFIX": prefix, "XDG_RUNTIME_DIR": folder]
      .merging(variables) { $1 }
  }

  /// Runs `thaw`, however it ends.
  func run(_ arguments: String...) async throws -> Program.Ended {
    try await Program.thaw.run(arguments, environment: environment)
  }

  /// Runs `thaw`, which must end with `code`.
  @discardableResult
  func thaw(
    _ arguments: String..., input: String = "", code: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Program.Ended {
    let ended = try await Program.thaw.run(arguments, input: input, environment: environment)
    let said: Comment = "thaw \(arguments.joined(separator: " ")): \(ended.errors)\(ended.output)\n\(log)"
    try #require(ended.exit == .exited(code: code), said, sourceLocation: sourceLocation)
    return ended
  }

  /// Starts a service that may read archives under `root` (the whole folder unless said otherwise); it ends with the test process at the latest.
  func serve(_ arguments: String..., root: String? = nil, session: String = "10s") throws -> ChildProcess {
    try Program.thaw.start(
      ["serve", "--volume-root", root ?? folder, "--session-timeout", session] + arguments, environment: environment,
      streams: "</dev/null >>\(folder)/serve.log 2>&1")
  }

  /// What the services have said so far.
  var log: String { (try? readFile("\(folder)/serve.log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  /// The object that `thaw get KIND NAME -o json` prints; nil when there is none.
  func get(_ kind: String, _ name: String) async throws -> JSONValue? {
    let ended = try await Program.thaw.run(["get", kind, name, "-o", "json"], environment: environment)
    if ended.code == 3 { return nil }
    try #require(ended.code == 0, "\(ended.errors)")
    return try JSONValue.parse(Array(ended.output.utf8))
  }

  func events(_ name: String? = nil) async throws -> [JSONValue] {
    let ended = try await Program.thaw.run(
      ["events"] + (name.map { [$0] } ?? []) + ["-o", "json"], environment: environment)
    try #require(ended.code == 0, "\(ended.errors)")
    return try ended.lines.map { try #require(try JSONValue.parse(Array($0.utf8))["event"]) }
  }

  /// A Storage `cold` over the archive, an EventHub `here` on the same broker, and the Restore.
  func documents(_ restore: String, archive: String? = nil, config: String) -> String {
    """
    apiVersion: kannika.io/v1alpha
    kind: Storage
    metadata: {name: cold}
    spec: {volume: {path: "\(archive ?? self.archive)"}}
    ---
    apiVersion: kannika.io/v1alpha
    kind: EventHub
    metadata: {name: here}
    spec: {kafka: {properties: {bootstrap.servers: "\(servers)"}}}
    ---
    apiVersion: kannika.io/v1alpha
    kind: Restore
    metadata: {name: \(restore)}
    spec: {source: cold, sink: here, enabled: true, config: \(config)}
    """
  }
}

import Kafka
import CommandLineParser
import Logging

import Glibc

/// `thaw serve`: until SIGTERM or SIGINT, then an orderly stop.
enum ServeVerb {
  static func run(_ context: Context) async throws {
    let options = try options(context)
    let terminal = context.terminal
    let servers = options.connection.kafka.bootstrapServers
    for warning in options.connection.kafka.warnings { terminal.note(warning) }
    try await StopSignals.stopping {
      try await context.ports.serve(options, context.log) { news in
        let topics = "the control topics \(options.connection.topicPrefix)* at \(servers)"
        switch news {
        case .standsBy(let instance): terminal.print("thaw: \(instance) has joined \(topics) and stands by")
        case .owns(let instance): terminal.print("thaw: \(instance) owns \(topics) and is ready")
        }
      }
    }
    terminal.note("stopped")
  }

  private static func options(_ context: Context) throws -> ServiceOptions {
    let invocation = context.invocation
    let given = invocation.values("volume-root")
    let roots = given.isEmpty ? ["."] : given
    return ServiceOptions(
      connection: try context.connection(), instance: invocation.value("instance"),
      sessionTimeout: try invocation.duration("session-timeout") ?? .seconds(10),
      positionsRefresh: try refresh(invocation), volumeRoots: try roots.map { try directory($0, "volume-root") },
      secretRoots: try invocation.values("secret-root").map { try directory($0, "secret-root") },
      secretEnvironmentPrefix: invocation.value("secret-env-prefix") ?? "SECRET_")
  }

  private static func refresh(_ invocation: Invocation) throws -> Duration {
    let interval = try invocation.duration("positions-refresh") ?? .seconds(86_400)
    guard interval >= .seconds(10) else {
      throw invocation.invalid("positions-refresh", "at least 10s")
    }
    return interval
  }

  /// The path without links and relative parts, as what lies under it will be compared with it.
  private static func directory(_ path: String, _ option: String) throws(ShellFailure) -> String {
    guard let resolved = realpath(path, nil) else {
      throw ShellFailure(.usage, "--\(option) \(path): \(String(cString: strerror(errno)))")
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

import Kafka
import Logging
import RestoreModel
import Shell
import Threads

/// Runs command lines against control topics in memory and keeps what was printed.
final class Session: Sendable {
  struct Outcome {
    var code: ExitCode
    var out: String
    var error: String
  }

  private struct Unwired: Error {}

  let client: FakeControlClient
  private let environment: [String: String]

  init(_ client: FakeControlClient = FakeControlClient(), environment: [String: String] = [:]) {
    self.client = client
    self.environment = ["THAW_BOOTSTRAP_SERVERS": "127.0.0.1:1"].merging(environment) { $1 }
  }

  func run(_ line: String...) async -> Outcome { await run(line) }

  /// - Parameter onTerminal: somebody watches, on so many columns; nil: nobody.
  func run(_ words: [String], onTerminal columns: Int? = nil) async -> Outcome {
    let (out, error) = (Locked(""), Locked(""))
    let client = client
    let shell = Shell(
      ports: Ports(
        client: { _ in client }, topics: { _ in throw Unwired() }, serve: { _, _, _ in throw Unwired() }),
      terminal: Terminal(
        isInteractive: columns != nil, columns: columns ?? 80, now: { Samples.now },
        out: { text in out.withLock { $0 += text } },
        error: { text in error.withLock { $0 += text } }),
      environment: environment, logSink: { _ in MemoryLogSink() })
    let code = await shell.run(words)
    return Outcome(code: code, out: out.withLock { $0 }, error: error.withLock { $0 })
  }
}

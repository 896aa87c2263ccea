import CommandLineParser
import ControlTopics
import RestoreModel

/// Sends commands and says what became of each.
struct Decision: Sendable {
  let client: any ControlClient
  let terminal: Terminal
  let topicPrefix: String
  let timeout: Duration
  let waits: Bool

  init(_ context: Context) async throws {
    client = try await context.client()
    terminal = context.terminal
    topicPrefix = context.topicPrefix
    timeout = try context.timeout() ?? Context.defaultTimeout
    waits = !context.invocation.flag("no-wait")
  }

  func ask(_ key: ResourceKey, _ command: CommandMessage.Body) async throws {
    try await ask([AddressedCommand(key, CommandMessage(command))])
  }

  /// Sends them one right behind the other over one connection, then prints what happened to each, in their order. Throws everything
  /// that went wrong with any, with the code of the first: the others don't depend on it.
  func ask(_ commands: [AddressedCommand]) async throws {
    let outcomes = waits ? try await decided(commands) : try await submitted(commands)
    var failures: [ShellFailure] = []
    var undecided = 0
    for outcome in outcomes {
      switch outcome {
      case .success(let line): terminal.print(line)
      case .failure(let failure) where failure.code == .timedOut && undecided > 0: undecided += 1
      case .failure(let failure):
        if failure.code == .timedOut { undecided += 1 }
        failures.append(failure)
      }
    }
    guard let first = failures.first else { return }
    var lines = failures.flatMap(\.lines)
    if undecided > 1 { lines.append("\(undecided - 1) more of these commands are undecided") }
    throw ShellFailure(first.code, lines: lines)
  }

  private func submitted(_ commands: [AddressedCommand]) async throws -> [Result<String, ShellFailure>] {
    zip(commands, try await client.submit(commands)).map { command, sent in
      sent.map { "\(command.key) asked \(place($0))" }.mapError {
        commands.count == 1 ? $0 : Self.about(command.key, $0)
      }
    }
  }

  private func decided(_ commands: [AddressedCommand]) async throws -> [Result<String, ShellFailure>] {
    zip(commands, try await client.decide(commands, timeout: timeout)).map { command, answer in
      let key = command.key
      switch answer {
      case .decided(let outcome):
        if case .commandRejected(let rejection) = outcome.event.content {
          return .failure(Self.failure(rejection, key))
        }
        return .success("\(key) \(EventText.outcome(outcome.event.content, of: key))")
      case .undecided(let offset):
        return .failure(
          ShellFailure(
            .timedOut,
            "\(key): nobody decided within \(Figure.duration(timeout)) on the command \(place(offset)), where it stands "
              + "and will be decided on; is `thaw serve` running?"))
      case .undelivered(let failure): return .failure(commands.count == 1 ? failure : Self.about(key, failure))
      }
    }
  }

  private static func about(_ key: ResourceKey, _ failure: ShellFailure) -> ShellFailure {
    ShellFailure(failure.code, lines: failure.lines.map { "\(key): \($0)" })
  }

  private func place(_ offset: Int64?) -> String {
    offset.map { "at offset \($0) of \(topicPrefix)commands" } ?? "in \(topicPrefix)commands"
  }

  static func failure(_ rejection: Rejection, _ key: ResourceKey) -> ShellFailure {
    let code: ExitCode = rejection.reason == .notFound ? .notFound : .refused
    guard rejection.errors.isEmpty else { return ShellFailure(code, lines: rejection.errors.map { "\(key): \($0)" }) }
    // Many sentences begin with the resource, and once is enough.
    let message = rejection.message
    return ShellFailure(code, message.hasPrefix("\(key) ") ? message : "\(key): \(message)")
  }
}

import CommandLineParser
import ControlTopics
import RestoreModel

/// Sends a command and says what became of it.
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

  /// Prints what happened. Throws what the controller rejected, and that nobody decided in time.
  func ask(_ key: ResourceKey, _ command: CommandMessage.Body) async throws {
    let message = CommandMessage(command)
    guard waits else {
      return terminal.print("\(key) asked \(place(try await client.submit(message, to: key)))")
    }
    switch try await client.decide(message, of: key, timeout: timeout) {
    case .decided(let outcome):
      if case .commandRejected(let rejection) = outcome.event.content { throw Self.failure(rejection, key) }
      terminal.print("\(key) \(EventText.outcome(outcome.event.content, of: key))")
    case .undecided(let offset):
      throw ShellFailure(
        .timedOut,
        "\(key): nobody decided within \(Figure.duration(timeout)) on the command \(place(offset)), where it stands "
          + "and will be decided on; is `thaw serve` running?")
    }
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

import ControlTopics
import CommandLineParser
package import Logging

import JSON

/// The command line: understands what was typed, runs the verb, turns whatever went wrong into one sentence and an exit code.
package struct Shell: Sendable {
  package static let version = "0.1.0"

  let ports: Ports
  let terminal: Terminal
  let environment: [String: String]
  let logSink: @Sendable (LogLevel) -> any LogSink

  package init(
    ports: Ports, terminal: Terminal, environment: [String: String],
    logSink: @escaping @Sendable (LogLevel) -> any LogSink = { DescriptorLogSink(level: $0) }
  ) {
    self.ports = ports
    self.terminal = terminal
    self.environment = environment
    self.logSink = logSink
  }

  /// - Parameter arguments: without the program's own name.
  package func run(_ arguments: [String]) async -> ExitCode {
    do {
      let invocation = try parse(arguments)
      guard !invocation.wantsHelp else {
        terminal.print(Declaration.program.help(invocation.path, width: terminal.columns) ?? "")
        return .done
      }
      try await perform(invocation)
      return .done
    } catch {
      return report(error)
    }
  }

  private func parse(_ arguments: [String]) throws -> Invocation {
    // Without a word there is nothing to do but to say what there is.
    let words = arguments.isEmpty ? ["--help"] : arguments
    let program = Declaration.program
    // The file can only be read once its name is known, and its options only be checked together with the others.
    let first = try program.parse(words, environment: environment)
    guard !first.wantsHelp, let path = first.value("config") else { return first }
    return try program.parse(words, environment: environment, configFile: try ConfigFile.read(path))
  }

  private func perform(_ invocation: Invocation) async throws {
    // One level for the product's own lines; a command line that is used by hand should be quiet.
    let base: LogLevel = invocation.path.first == "serve" ? .info : .warning
    let log = Logger("thaw", to: logSink(base.raised(by: invocation.count("verbose"))))
    let context = Context(
      invocation: invocation, terminal: terminal, ports: ports, environment: environment, log: log)
    let path = invocation.path.joined(separator: " ")
    guard let verb = Verbs.all[path] else { throw ShellFailure(.usage, "there is no command \"\(path)\"") }
    try await verb(context)
  }

  private func report(_ error: any Error) -> ExitCode {
    switch error {
    case let error as UsageError:
      terminal.noteRaw("\(error)\nTry '\(error.helpCommand)'.\n")
      return .usage
    case let error as ShellFailure:
      for line in error.lines { terminal.note(line) }
      return error.code
    case is CancellationError: return .refused
    default:
      let failure = ShellFailure(translating: error)
      for line in failure.lines { terminal.note(line) }
      return failure.code
    }
  }
}

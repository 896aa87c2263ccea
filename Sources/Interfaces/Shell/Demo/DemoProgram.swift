import LocalBroker

import Glibc

/// This very program as a child: the demo types what a user would type.
struct DemoProgram: Sendable {
  let path: String
  let environment: [String: String]
  let folder: DemoFolder
  private let counter = Counter()

  /// - Parameter settings: `THAW_…` variables in place of flags, so that the commands shown are short.
  init(_ context: Context, _ folder: DemoFolder, settings: [String: String]) throws {
    path = try Executable.own()
    self.folder = folder
    // Settings of the user's own would change what the demo shows.
    environment = context.environment.filter { !$0.key.hasPrefix("THAW_") }.merging(settings) { $1 }
  }

  /// Runs a command to its end; its output, whole.
  func run(_ arguments: [String]) async throws -> String {
    let log = "command-\(counter.next()).log"
    let child = try start(arguments, log: log)
    let exit = await withTaskCancellationHandler {
      await child.ended()
    } onCancel: {
      child.send(SIGTERM)
    }
    try Task.checkCancellation()
    let said = folder.text(log)
    guard exit == .exited(code: 0) else {
      throw ShellFailure(.refused, "thaw \(arguments.joined(separator: " ")) failed:\n\(said)")
    }
    return said
  }

  func start(_ arguments: [String], log: String) throws -> ChildProcess {
    try ChildProcess(path, arguments, environment: environment, output: folder.file(log), deathSignal: SIGTERM)
  }
}

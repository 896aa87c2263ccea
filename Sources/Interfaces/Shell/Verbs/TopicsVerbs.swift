import ControlTopics

/// `thaw topics create | check | print`
enum TopicsVerbs {
  static func create(_ context: Context) async throws {
    let done = try await context.ports.topics(try context.connection()).create()
    context.terminal.print(lines: done.lines)
    for warning in done.warnings { context.terminal.note(warning) }
  }

  static func check(_ context: Context) async throws {
    let connection = try context.connection()
    let problems = try await context.ports.topics(connection).check()
    guard problems.isEmpty else { throw ShellFailure(.refused, lines: problems) }
    context.terminal.print("the control topics \(connection.topicPrefix)* are as they should be")
  }
}

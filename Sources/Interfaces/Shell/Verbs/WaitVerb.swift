import CommandLineParser
import RestoreModel

/// `thaw wait NAME --for Done|condition=Verified [--timeout 10m]`
enum WaitVerb {
  static func run(_ context: Context) async throws {
    let goal = try WaitGoal(parsing: context.invocation.value("for") ?? "Done")
    let key = try context.key(.restore)
    try await wait(
      for: goal, key, try await context.client(), context.terminal, timeout: try context.timeout())
  }

  static func wait(
    for goal: WaitGoal, _ key: ResourceKey, _ client: any ControlClient, _ terminal: Terminal, timeout: Duration?
  ) async throws {
    let display = ProgressDisplay(terminal, label: key.name)
    let ended = try await limited(to: timeout) {
      defer { display.finish() }
      try await follow(goal, key, client, display)
    }
    guard ended else {
      throw ShellFailure(
        .timedOut,
        "\(key): was not \(goal.text) within \(Figure.duration(timeout ?? .zero)); `thaw describe restore \(key.name)` says where it is"
      )
    }
    terminal.print("\(key) is \(goal.text)")
  }

  private static func follow(
    _ goal: WaitGoal, _ key: ResourceKey, _ client: any ControlClient, _ display: ProgressDisplay
  ) async throws {
    var isFirst = true
    for try await state in client.states() {
      let status = state[key]?.status
      if isFirst, status == nil, goal != .deletion { throw GetVerb.notFound(key) }
      isFirst = false
      if let status { display.show(status) }
      switch goal.judge(status) {
      case .reached: return
      case .pending: continue
      case .impossible(let why): throw ShellFailure(.refused, "\(key): will not be \(goal.text): \(why)")
      }
    }
    try Task.checkCancellation()
    throw ShellFailure(.unreachable, "\(key): the status can no longer be followed")
  }

  /// False when `timeout` passed first.
  static func limited(to timeout: Duration?, _ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
    guard let timeout else {
      try await body()
      return true
    }
    return try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await body()
        return true
      }
      group.addTask {
        try await Task.sleep(for: timeout)
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
  }
}

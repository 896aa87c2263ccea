import CommandLineParser
import RestoreModel

/// `thaw wait NAME --for Done|condition=Verified [--timeout 10m]`
enum WaitVerb {
  static func run(_ context: Context) async throws {
    let goal = try WaitGoal(parsing: context.invocation.value("for") ?? "Done")
    let key = try context.key(.restore)
    try await wait(
      for: goal, [key], try await context.client(), context.terminal, timeout: try context.timeout())
  }

  /// One document or many, over one stream of states. What can no longer come is said after the others, each of its own document.
  static func wait(
    for goal: WaitGoal, _ keys: [ResourceKey], _ client: any ControlClient, _ terminal: Terminal, timeout: Duration?
  ) async throws {
    let room = WaitingRoom(goal, keys, terminal)
    let ended = try await limited(to: timeout) {
      defer { room.finish() }
      try await follow(client, room)
    }
    guard ended else { throw room.timedOut(after: timeout ?? .zero) }
    if let failure = room.failure { throw failure }
  }

  private static func follow(_ client: any ControlClient, _ room: WaitingRoom) async throws {
    for try await state in client.states() {
      room.see(state)
      if room.isEmpty { return }
    }
    try Task.checkCancellation()
    throw room.lost
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

import ControlTopics
import RestoreModel

/// `enable`, `disable`, `retry`, `restart`: one command each.
enum RestoreVerbs {
  static func ask(_ context: Context, _ command: CommandMessage.Body) async throws {
    // In steps: with an argument that may throw inside the awaited call, Swift 6.3.1 crashes when it optimises.
    let key = try context.key(.restore)
    let decision = try await Decision(context)
    try await decision.ask(key, command)
  }
}

/// `thaw delete KIND NAME`
enum DeleteVerb {
  static func run(_ context: Context) async throws {
    let key = try context.namedKey()
    let decision = try await Decision(context)
    try await decision.ask(key, .delete)
  }
}

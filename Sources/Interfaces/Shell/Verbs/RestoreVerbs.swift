import ControlTopics
import RestoreModel

/// `enable`, `disable`, `retry`, `restart`: one command each.
enum RestoreVerbs {
  static func ask(_ context: Context, _ command: CommandMessage.Body) async throws {
    try await Decision(context).ask(try context.key(.restore), command)
  }
}

/// `thaw delete KIND NAME`
enum DeleteVerb {
  static func run(_ context: Context) async throws {
    try await Decision(context).ask(try context.namedKey(), .delete)
  }
}

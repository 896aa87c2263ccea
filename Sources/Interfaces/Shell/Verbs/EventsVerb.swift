import ControlTopics
import CommandLineParser
import JSON
import RestoreModel

/// `thaw events [NAME] [--follow] [--from OFFSET] [-o json]`
enum EventsVerb {
  static func run(_ context: Context) async throws {
    let from = try context.invocation.int("from", in: 0 ... .max) ?? 0
    let key = try context.selectedKey()
    let asJSON = context.invocation.value("output") == "json"
    let client = try await context.client()
    for try await logged in client.events(from: from, of: key, follow: context.invocation.flag("follow")) {
      context.terminal.print(
        asJSON
          ? JSONValue.object(["offset": .int(logged.offset), "event": logged.json]).text(.compact)
          : EventLines.line(logged))
    }
  }
}

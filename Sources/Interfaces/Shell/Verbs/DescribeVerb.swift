import ControlTopics
import RestoreModel

/// `thaw describe KIND NAME`
enum DescribeVerb {
  private static let shownEvents = 10

  static func run(_ context: Context) async throws {
    let key = try context.namedKey()
    let client = try await context.client()
    guard let resource = try await client.resources()[key] else {
      throw GetVerb.notFound(key)
    }
    var events: [EventRecord] = []
    for try await logged in client.events(from: 0, of: key, follow: false) {
      events.append(logged)
      // Only the end is shown, and a history may be long.
      if events.count > shownEvents { events.removeFirst() }
    }
    context.terminal.print(
      lines: Description(resource: resource, events: events, now: context.terminal.now()).lines)
  }
}

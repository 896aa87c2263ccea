import ControlTopics
import RestoreModel

/// The history, one line an event: `12  2026-11-23T06:30:11.123Z  TopicMapped  restores/default/orders  orders → orders-copy`.
enum EventLines {
  static func line(_ logged: EventRecord, withKey: Bool = true) -> String {
    let event = logged.event
    var columns = [
      String(logged.offset).paddedLeft(to: 5), event.time.description, event.content.type.padded(to: 20),
    ]
    if withKey { columns.append(event.key?.description ?? "-") }
    let detail = EventText.detail(event.content)
    if !detail.isEmpty { columns.append(detail) }
    var line = columns.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}

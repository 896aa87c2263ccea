import ControlTopics
import RestoreModel

/// What an audit without a difference has shown, in two lines.
enum AuditText {
  static func lines(_ report: AuditReport) -> [String] {
    guard let offsets = report.offsets else { return ["there are no events yet; nothing is to be proved"] }
    let hashes =
      report.key.map { "every state hash of \($0) agrees (\(Figure.count(report.hashes)))" }
      ?? "every state hash agrees"
    return [
      "\(Figure.count(report.events, "event")) replayed, offsets \(offsets.lowerBound) to \(offsets.upperBound), by "
        + "\(Figure.count(report.owners, "owner")): no gap, \(hashes)",
      report.isHeadCompared ? held(report) : past(report),
    ]
  }

  private static func held(_ report: AuditReport) -> String {
    guard let key = report.key else {
      return
        "\(Figure.count(Int64(report.state.resources.count), "document")): specs and status hold what the events lead to"
    }
    return report.resource == nil
      ? "\(key) is deleted, in specs and status too" : "specs and status hold \(key) as the events lead to it"
  }

  private static func past(_ report: AuditReport) -> String {
    let time = report.state.time
    guard let key = report.key else {
      return
        "\(Figure.count(Int64(report.state.resources.count), "document")) as of \(time), which is compared with nothing else"
    }
    guard let resource = report.resource else { return "\(key) doesn't exist as of \(time)" }
    let phase = resource.status.phase.map { " is \($0.rawValue)" } ?? " exists"
    return "\(key)\(phase) as of \(time), in generation \(resource.metadata.generation)"
  }
}

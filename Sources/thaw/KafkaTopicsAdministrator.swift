import KafkaLog
import Shell

/// `thaw topics create` and `check`.
struct KafkaTopicsAdministrator: ControlTopicsAdministrator {
  let place: ControlPlace

  init(_ place: ControlPlace) { self.place = place }

  func create() async throws -> (lines: [String], warnings: [String]) {
    let report = try await place.translating { try await TopicsAdministration(place.settings).create() }
    var lines = report.created.map { "\($0) created" }
    if lines.isEmpty { lines.append("the control topics \(place.connection.topicPrefix)* are there already") }
    lines.append("installation \(report.installation)\(report.isNew ? " begun" : "")")
    return (lines, report.warnings)
  }

  func check() async throws -> [String] {
    try await place.translating { try await TopicsAdministration(place.settings).check() }
  }
}

import CommandLineParser
import ControlTopics
import JSON
import RestoreModel

/// `thaw audit [NAME] [--until OFFSET] [-o json]`
enum AuditVerb {
  static func run(_ context: Context) async throws {
    let until = try context.invocation.int("until", in: 0 ... .max)
    let key = try context.selectedKey()
    let client = try await context.client()
    let report = try await client.audit(of: key, until: until)
    if let key, report.difference == nil, report.hashes == 0 {
      throw ShellFailure(.notFound, "\(key): no event\(until.map { " up to offset \($0)" } ?? "") is about it")
    }
    if context.invocation.value("output") == "json" {
      context.terminal.print(report.json.text(.pretty))
    } else if report.difference == nil {
      context.terminal.print(lines: AuditText.lines(report))
    }
    if let difference = report.difference {
      throw ShellFailure(.refused, difference.described(in: TopicNaming(prefix: context.topicPrefix)))
    }
  }
}

import ControlTopics

/// What each command does, by its name. A test holds this list and the declaration equal.
package enum Verbs {
  typealias Verb = @Sendable (Context) async throws -> Void

  package static var names: Set<String> { Set(all.keys) }

  static let all: [String: Verb] = [
    "demo": { try await DemoVerb($0).run() },
    "serve": ServeVerb.run,
    "topics create": TopicsVerbs.create,
    "topics check": TopicsVerbs.check,
    "topics print": { TopicsVerbs.print($0) },
    "archive": ArchiveVerb.run,
    "storage ls": StorageVerbs.list,
    "storage verify": StorageVerbs.verify,
    "storage reindex": StorageVerbs.reindex,
    "plan": PlanVerb.run,
    "apply": ApplyVerb.run,
    "get": GetVerb.run,
    "describe": DescribeVerb.run,
    "map": MapVerbs.map,
    "unmap": MapVerbs.unmap,
    "enable": { try await RestoreVerbs.ask($0, .enable) },
    "disable": { try await RestoreVerbs.ask($0, .disable) },
    "retry": { try await RestoreVerbs.ask($0, .retry) },
    "restart": { try await RestoreVerbs.ask($0, .restart) },
    "delete": DeleteVerb.run,
    "wait": WaitVerb.run,
    "events": EventsVerb.run,
    "audit": AuditVerb.run,
    "explain": { try ExplainVerb.run($0) },
    "version": { $0.terminal.print("thaw \(Shell.version)") },
    "completion": { try CompletionVerb.run($0) },
  ]
}

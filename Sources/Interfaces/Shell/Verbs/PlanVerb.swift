import CommandLineParser
import ControlTopics
import JSON
import Logging
import RestoreEngine
import RestoreModel
import Threads
import YAML

/// `thaw plan -f FILE | NAME [-o …]`: a dry run. Nothing is changed anywhere.
enum PlanVerb {
  static func run(_ context: Context) async throws {
    let documents = try await PlannedDocuments(context)
    let terminal = context.terminal
    var plans: [(item: WorkItem, plan: DryRun)] = []
    for item in try documents.items() {
      let policy = policy(context)
      let logger = context.log.named("plan")
      let result = try await NamedThread.run("plan") { () -> Result<DryRun, RunFault> in
        Result { () throws(RunFault) in try DryRun.run(item, policy: policy, logger: logger) }
      }
      do { plans.append((item, try result.get())) } catch {
        throw ShellFailure(error.isTransient ? .unreachable : .refused, "\(item.id.key): \(error.message)")
      }
    }
    switch context.invocation.value("output") {
    case "json": terminal.print(json(plans).text(.pretty))
    case "yaml": terminal.print(String(json(plans).yaml().dropLast()))
    default: for (index, plan) in plans.enumerated() { print(plan, terminal, isFirst: index == 0) }
    }
    for (item, plan) in plans {
      for warning in plan.preflight.warnings { terminal.note("\(item.id.key): warning: \(warning)") }
    }
    let failures = plans.flatMap { item, plan in plan.preflight.failures.map { "\(item.id.key): \($0)" } }
    guard failures.isEmpty else { throw ShellFailure(.refused, lines: failures) }
  }

  /// Who types this reads with their own rights, so there is nothing to confine.
  private static func policy(_ context: Context) -> EnginePolicy {
    EnginePolicy(
      volumeRoots: ["/"], secretRoots: ["/"], environmentPrefix: "", prefix: context.topicPrefix)
  }

  private static func print(_ plan: (item: WorkItem, plan: DryRun), _ terminal: Terminal, isFirst: Bool) {
    if !isFirst { terminal.print() }
    terminal.print(lines: PlanText(plan.item, plan.plan).lines)
  }

  /// One object of one Restore, else a list.
  private static func json(_ plans: [(item: WorkItem, plan: DryRun)]) -> JSONValue {
    let values = plans.map { PlanText($0.item, $0.plan).json }
    return values.count == 1 ? values[0] : .array(values)
  }
}

/// The Restores to plan, and the documents that they name.
struct PlannedDocuments {
  private let restores: [ResourceDocument]
  private let named: [ResourceKey: ResourceSpec]
  private let existing: [ResourceKey: Resource]

  init(_ context: Context) async throws {
    let files = context.invocation.values("file")
    guard files.isEmpty != (context.invocation.argument("NAME") == nil) else {
      throw context.invocation.usageError("plan what? Say -f FILE, or the NAME of a Restore")
    }
    guard !files.isEmpty else {
      let key = try context.key(.restore)
      existing = try await context.client().resources()
      guard let resource = existing[key] else { throw GetVerb.notFound(key) }
      restores = [ResourceDocument(key: key, spec: resource.spec)]
      named = [:]
      return
    }
    let documents = try ApplyVerb.read(files, context)
    for warning in documents.flatMap({ document in document.warnings.map { "\(document.key): \($0)" } }) {
      context.terminal.note(warning)
    }
    restores = documents.filter { $0.key.kind == .restore }
    guard !restores.isEmpty else { throw ShellFailure(.usage, "there is no Restore in it") }
    named = Dictionary(documents.map { ($0.key, $0.spec) }) { _, last in last }
    existing = try await Self.existing(context, isNeeded: Self.missing(restores, named))
  }

  /// What the control topics hold. A file that says everything needs none.
  private static func existing(_ context: Context, isNeeded: Bool) async throws -> [ResourceKey: Resource] {
    if !isNeeded, context.invocation.value("bootstrap-servers") == nil { return [:] }
    do {
      return try await context.client().resources()
    } catch let failure as ShellFailure where !isNeeded {
      context.terminal.note("planned from the file alone: \(failure)")
      return [:]
    }
  }

  private static func missing(_ restores: [ResourceDocument], _ named: [ResourceKey: ResourceSpec]) -> Bool {
    restores.contains { document in
      guard case .restore(let spec) = document.spec else { return false }
      return references(spec, document.key).contains { named[$0.key] == nil }
    }
  }

  private static func references(_ spec: RestoreSpec, _ key: ResourceKey) -> [(path: String, key: ResourceKey)] {
    let names: [(String, ResourceKind, String?)] = [
      ("source", .storage, spec.source), ("sink", .eventHub, spec.sink),
      ("sourceCredentialsFrom", .credentials, spec.sourceCredentials),
      ("sinkCredentialsFrom", .credentials, spec.sinkCredentials),
    ]
    return names.compactMap { path, kind, name in
      name.map { (path, ResourceKey(kind, namespace: key.namespace, name: $0)) }
    }
  }

  /// What each of the Restores would be prepared as. Every missing document of all of them is told at once.
  func items() throws(ShellFailure) -> [WorkItem] {
    var lines: [String] = []
    var items: [WorkItem] = []
    for document in restores {
      guard case .restore(let spec) = document.spec else { continue }
      for (path, key) in Self.references(spec, document.key) where find(key) == nil {
        lines.append(
          "\(document.key): \(path): \(key.kind.rawValue) \"\(key.name)\" does not exist in namespace \"\(key.namespace)\""
        )
      }
      if let item = item(document.key, spec) { items.append(item) }
    }
    guard lines.isEmpty else { throw ShellFailure(.refused, lines: lines) }
    return items
  }

  private func find(_ key: ResourceKey) -> ResourceSpec? { named[key] ?? existing[key]?.spec }

  private func item(_ key: ResourceKey, _ spec: RestoreSpec) -> WorkItem? {
    func find(_ kind: ResourceKind, _ name: String?) -> ResourceSpec? {
      name.flatMap { self.find(ResourceKey(kind, namespace: key.namespace, name: $0)) }
    }
    guard case .storage(let source)? = find(.storage, spec.source),
      case .eventHub(let sink)? = find(.eventHub, spec.sink)
    else { return nil }
    func credentials(_ name: String?) -> CredentialsSpec? {
      if case .credentials(let spec)? = find(.credentials, name) { spec } else { nil }
    }
    // The run that would come next; that of a new document has an identity yet to be given.
    let restore = existing[key]
    return WorkItem(
      id: WorkItem.ID(
        key: key, uid: restore?.metadata.uid ?? UID("00000000-0000-0000-0000-000000000000"),
        run: (restore?.status.run ?? 0) + 1, claim: .none, task: .prepare), spec: spec, source: source, sink: sink,
      sourceCredentials: credentials(spec.sourceCredentials), sinkCredentials: credentials(spec.sinkCredentials),
      lanes: [], archiveDigest: nil)
  }
}

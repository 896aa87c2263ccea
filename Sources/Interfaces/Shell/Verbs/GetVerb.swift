import CommandLineParser
import ControlTopics
import JSON
import RestoreModel
import YAML

/// `thaw get KIND [NAME] [-w] [-o …]`
enum GetVerb {
  static func run(_ context: Context) async throws {
    let (kind, name) = try context.named()
    let everywhere = context.invocation.flag("all-namespaces")
    let namespace = try context.namespace()
    let selects = { @Sendable (key: ResourceKey) -> Bool in
      key.kind == kind && (everywhere || key.namespace == namespace) && (name == nil || key.name == name)
    }
    let client = try await context.client()
    let output = Output(
      format: context.invocation.value("output"), kind: kind, isList: name == nil, withNamespace: everywhere)
    guard context.invocation.flag("watch") else {
      let found = try await client.resources().values.filter { selects($0.key) }.sorted { $0.key < $1.key }
      if let name, found.isEmpty { throw notFound(ResourceKey(kind, namespace: namespace, name: name)) }
      guard !found.isEmpty || output.format != nil else {
        return context.terminal.note("there are no \(kind.plural) in the namespace \(namespace)")
      }
      return context.terminal.print(lines: output.lines(found, now: context.terminal.now()))
    }
    try await watch(client, output, context.terminal, selects)
  }

  static func notFound(_ key: ResourceKey) -> ShellFailure {
    ShellFailure(.notFound, "\(key): there is no such document; `thaw get \(key.kind.plural)` lists those there are")
  }

  private static func watch(
    _ client: any ControlClient, _ output: Output, _ terminal: Terminal, _ selects: @Sendable (ResourceKey) -> Bool
  ) async throws {
    var widths: [Int]?
    var before: [ResourceKey: Resource] = [:]
    for try await state in client.states() {
      let now = state.filter { selects($0.key) }
      let changed = now.values.filter { before[$0.key] != $0 }.sorted { $0.key < $1.key }
      let isFirst = widths == nil
      let known = widths ?? output.widths(changed, now: terminal.now())
      widths = known
      terminal.print(lines: output.watchedLines(changed, known, now: terminal.now(), withHeader: isFirst))
      for key in before.keys.sorted() where now[key] == nil { terminal.note("\(key) was deleted") }
      before = now
    }
  }

  /// How documents are printed.
  struct Output {
    var format: String?
    var kind: ResourceKind
    var isList: Bool
    var withNamespace: Bool

    func lines(_ resources: [Resource], now: Instant) -> [String] {
      switch format {
      case "json": [document(resources).text(.pretty)]
      case "yaml": [Self.yaml(document(resources))]
      case "name": resources.map(\.key.description)
      default: table(resources, now: now).lines
      }
    }

    /// Without the newline at its end.
    private static func yaml(_ value: JSONValue) -> String { String(value.yaml().dropLast()) }

    private func document(_ resources: [Resource]) -> JSONValue {
      if !isList, let resource = resources.first { return resource.json }
      return [
        "apiVersion": .string(DocumentForm.apiVersion), "kind": .string("\(kind.rawValue)List"),
        "items": .array(resources.map(\.json)),
      ]
    }

    private func table(_ resources: [Resource], now: Instant) -> Table {
      let rows = rows(now: now)
      var table = Table(rows.header)
      for resource in resources { table.add(rows.row(resource)) }
      return table
    }

    private func rows(now: Instant, isWatched: Bool = false) -> ResourceRows {
      ResourceRows(
        kind: kind, wide: format == "wide", withNamespace: withNamespace, now: now, isWatched: isWatched)
    }

    func widths(_ resources: [Resource], now: Instant) -> [Int] {
      var table = Table(rows(now: now, isWatched: true).header)
      for resource in resources { table.add(rows(now: now, isWatched: true).row(resource)) }
      var widths = table.widths
      // Room for the longest status, since rows to come can't move those above.
      if kind == .restore, let column = table.header.firstIndex(of: "STATUS") {
        widths[column] = max(widths[column], 15)
      }
      return widths
    }

    /// One line a document: what follows is appended later.
    func watchedLines(_ resources: [Resource], _ widths: [Int], now: Instant, withHeader: Bool) -> [String] {
      switch format {
      case "json": return resources.map { $0.json.text(.compact) }
      case "yaml": return resources.flatMap { ["---", Self.yaml($0.json)] }
      case "name": return resources.map(\.key.description)
      default:
        let rows = rows(now: now, isWatched: true)
        return ((withHeader ? [rows.header] : []) + resources.map(rows.row)).map { Table.line($0, widths) }
      }
    }
  }
}

import CommandLineParser
import ControlTopics
import JSON
import RestoreModel

/// `thaw apply -f FILE`: every document is read and checked before the first is sent.
enum ApplyVerb {
  struct Checked {
    var document: ResourceDocument
    /// As it was written, with its namespace.
    var value: JSONValue
  }

  static func run(_ context: Context) async throws {
    let files = context.invocation.values("file")
    guard !files.isEmpty else {
      throw context.invocation.usageError("which document? Say -f FILE, -f DIRECTORY, or -f - for standard input")
    }
    let checked = try check(files, context)
    for warning in checked.flatMap({ entry in entry.document.warnings.map { "\(entry.document.key): \($0)" } }) {
      context.terminal.note(warning)
    }
    let decision = try await Decision(context)
    // As they were written: the service reads that, not our reading of it.
    let commands = checked.map { AddressedCommand($0.document.key, CommandMessage(.apply(resource: $0.value))) }
    try await decision.ask(commands)
    guard context.invocation.flag("wait") else { return }
    let started = checked.filter(\.document.isEnabledRestore).map(\.document.key)
    guard !started.isEmpty else { return }
    try await WaitVerb.wait(
      for: .phase(.done), started, decision.client, context.terminal, timeout: try context.timeout())
  }

  /// The documents of files, with the defaults that the server fills in.
  static func read(_ files: [String], _ context: Context) throws -> [ResourceDocument] {
    try check(files, context).map(\.document)
  }

  private static func check(_ files: [String], _ context: Context) throws -> [Checked] {
    var documents: [Documents.Document] = []
    for file in try FileText.expanded(files) { documents += try Documents.parse(try FileText.read(file), named: file) }
    let flagged = context.invocation.source("namespace").map { $0 != .standard } ?? false
    return try check(documents, namespace: try context.namespace(), isForced: flagged)
  }

  /// Throws every error of every document, each line with the document's key, or its file and number where it has none.
  static func check(_ documents: [Documents.Document], namespace: String, isForced: Bool) throws(ShellFailure)
    -> [Checked]
  {
    guard !documents.isEmpty else { throw ShellFailure(.usage, "there is no document in it") }
    var checked: [Checked] = []
    var lines: [String] = []
    for document in documents {
      let value = placed(document.value, in: namespace)
      let name = key(of: value) ?? document.name
      if isForced, let own = value["metadata"]?["namespace"]?.string, own != namespace {
        lines.append("\(name): metadata.namespace: is not the --namespace \(namespace)")
        continue
      }
      do throws(Rejection) {
        checked.append(Checked(document: try ResourceDocument.decode(value), value: value))
      } catch {
        lines += error.errors.isEmpty ? ["\(name): \(error.message)"] : error.errors.map { "\(name): \($0)" }
      }
    }
    guard lines.isEmpty else { throw ShellFailure(.refused, lines: lines) }
    return checked
  }

  /// The document with the namespace that it leaves out.
  private static func placed(_ value: JSONValue, in namespace: String) -> JSONValue {
    guard var object = value.object, var metadata = object["metadata"]?.object else { return value }
    guard metadata["namespace"]?.isNull ?? true else { return value }
    metadata["namespace"] = .string(namespace)
    object["metadata"] = .object(metadata)
    return .object(object)
  }

  private static func key(of value: JSONValue) -> String? {
    guard let kind = value["kind"]?.string.flatMap(ResourceKind.init(rawValue:)),
      let name = value["metadata"]?["name"]?.string, DNSName.isSubdomain(name),
      let namespace = value["metadata"]?["namespace"]?.string, DNSName.isLabel(namespace)
    else { return nil }
    return "\(kind.plural)/\(namespace)/\(name)"
  }
}

extension ResourceDocument {
  fileprivate var isEnabledRestore: Bool {
    if case .restore(let spec) = spec { spec.enabled } else { false }
  }
}

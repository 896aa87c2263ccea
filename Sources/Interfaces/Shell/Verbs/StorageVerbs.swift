import CommandLineParser
import ColdStorage
import JSON
import RestoreModel
import Threads

/// `thaw storage ls | verify | reindex STORE [TOPIC]`. Reading blocks, so it is done on a thread of its own.
enum StorageVerbs {
  private struct Target: Sendable {
    var store: Store
    var topic: String?
    var terminal: Terminal

    init(_ context: Context) throws {
      store = try Store(context.invocation.argument("STORE") ?? "")
      topic = context.invocation.argument("TOPIC")
      terminal = context.terminal
    }
  }

  static func list(_ context: Context) async throws {
    let target = try Target(context)
    let asJSON = context.invocation.value("output") == "json"
    let lines = try await NamedThread.run("storage") { () throws in
      let topics = try target.store.topics(target.topic).map { try target.store.archive.open($0) }
      if asJSON { return [JSONValue.array(topics.map(ArchiveListing.json)).text(.pretty)] }
      if target.topic != nil { return topics.flatMap(ArchiveListing.segments) }
      return ArchiveListing.topics(topics)
    }
    context.terminal.print(lines: lines)
  }

  static func verify(_ context: Context) async throws {
    let target = try Target(context)
    let damages = try await NamedThread.run("storage") { () throws -> [String] in
      var damages: [String] = []
      for topic in try target.store.topics(target.topic) {
        let result = try target.store.archive.open(topic).verify()
        let found =
          "\(Figure.count(Int64(result.segments), "segment")), \(Figure.count(result.records, "record")), \(Figure.bytes(Int64(clamping: result.bytes)))"
        target.terminal.print("\(topic) \(result.isIntact ? "is intact" : "is damaged"): \(found)")
        for file in result.unlisted {
          target.terminal.note("\(file): is in no index; left over from a capture that was cut short, or that runs now")
        }
        damages += result.damages.map(\.description)
      }
      return damages
    }
    guard damages.isEmpty else { throw ShellFailure(.refused, lines: damages) }
  }

  static func reindex(_ context: Context) async throws {
    let target = try Target(context)
    let now = context.terminal.now().milliseconds
    let verbose = context.invocation.flag("verbose")
    try await NamedThread.run("storage") {
      // Without an index a topic is not listed, so one that lost it must be named.
      for topic in try target.store.topics(target.topic) {
        try Reindex(target.store.blobs, topic: topic).run(now: now) { file in
          if verbose { target.terminal.note(file) }
        }
        let archived = try target.store.archive.open(topic)
        target.terminal.print(
          "\(topic) indexed: \(Figure.count(Int64(archived.partitionCount), "partition")), \(Figure.count(archived.records, "record"))"
        )
      }
    }
  }
}

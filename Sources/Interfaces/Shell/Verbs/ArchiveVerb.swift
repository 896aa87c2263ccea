import Archiver
import ColdStorage
import CommandLineParser
import Kafka
import Threads

/// `thaw archive TOPIC… --to STORE`: all that is committed now, or what came since the last time; `--follow` goes on.
enum ArchiveVerb {
  static func run(_ context: Context) async throws {
    guard let to = context.invocation.value("to") else {
      throw context.invocation.usageError("where to? Say --to STORE, a directory")
    }
    let connection = try context.connection()
    let store = try Store(to, create: true)
    let archiver = Archiver(connection.kafka, into: store.blobs, options: try options(context))
    let terminal = context.terminal
    if context.invocation.flag("follow") {
      return try await follow(context, archiver, store, connection)
    }
    guard context.invocation.source("every") == .standard else {
      throw context.invocation.usageError("--every goes with --follow")
    }
    for topic in context.invocation.arguments("TOPIC") {
      let report: CaptureReport
      do throws(ArchiverError) {
        report = try await archiver.capture(topic) { progress in
          show(progress, terminal)
          return true
        }
      } catch {
        throw failure(error, connection)
      }
      if terminal.isInteractive { terminal.noteRaw("\r\u{1B}[2K") }
      tell(report, store, terminal)
    }
  }

  /// All topics at the same time, until a signal or the first error ends all of them.
  private static func follow(
    _ context: Context, _ archiver: Archiver, _ store: Store, _ connection: Connection
  ) async throws {
    let interval = try context.invocation.duration("every") ?? .seconds(60)
    let topics = context.invocation.arguments("TOPIC")
    let terminal = context.terminal
    let isStopped = Locked(false)
    try await StopSignals.stopping {
      try await withTaskCancellationHandler {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for topic in topics {
            group.addTask {
              do throws(ArchiverError) {
                try await archiver.follow(topic, every: interval, until: { isStopped.withLock { $0 } }) { news in
                  switch news {
                  case .captured(let report): tell(report, store, terminal)
                  case .waiting(let why): terminal.note("\(topic): \(why); tried again")
                  }
                }
              } catch {
                isStopped.withLock { $0 = true }
                throw failure(error, connection)
              }
            }
          }
          try await group.waitForAll()
        }
      } onCancel: {
        isStopped.withLock { $0 = true }
      }
    }
  }

  private static func tell(_ report: CaptureReport, _ store: Store, _ terminal: Terminal) {
    terminal.print("\(report.topic) archived to \(store.name): \(text(report))")
    guard report.losses > 0 else { return }
    terminal.note(
      "\(report.topic): \(Figure.count(report.losses, "offset")) had been deleted by retention before they could be read; the archive says which"
    )
  }

  private static func options(_ context: Context) throws -> CaptureOptions {
    var options = CaptureOptions()
    if let timeout = try context.timeout() { options.requestTimeout = timeout }
    return options
  }

  private static func text(_ report: CaptureReport) -> String {
    let news = report.partitions.contains { !$0.offsets.isEmpty } ? "" : ", nothing new"
    return
      "\(Figure.count(report.records, "record")) in \(Figure.count(Int64(report.partitions.count), "partition"))\(news)"
  }

  private static func show(_ progress: CaptureProgress, _ terminal: Terminal) {
    guard terminal.isInteractive else { return }
    let percent = progress.offsetsTotal > 0 ? Int(progress.offsetsDone * 100 / progress.offsetsTotal) : 100
    let line =
      "\(progress.topic) \(ProgressDisplay.bar(percent))  \(percent)%  \(Figure.count(progress.records, "record"))"
    terminal.noteRaw("\r\u{1B}[2K" + line)
  }

  private static func failure(_ error: ArchiverError, _ connection: Connection) -> ShellFailure {
    let broker = connection.kafka.bootstrapServers
    switch error {
    case .noSuchTopic: return ShellFailure(.notFound, "\(broker): \(error)")
    case .kafka(let error): return ShellFailure(translating: error, broker: broker, within: connection.timeout)
    case .archive(.storage(let error)): return ShellFailure(translating: error)
    case .stalled: return ShellFailure(.unreachable, "\(broker): \(error)")
    case .recreated, .shortfall, .cancelled, .archive, .notStarted: return ShellFailure(.refused, "\(error)")
    }
  }
}

import Archiver
import ColdStorage
import CommandLineParser
import Kafka

/// `thaw archive TOPIC… --to STORE`: all that is committed now, or what came since the last time.
enum ArchiveVerb {
  static func run(_ context: Context) async throws {
    guard let to = context.invocation.value("to") else {
      throw context.invocation.usageError("where to? Say --to STORE, a directory")
    }
    let connection = try context.connection()
    let store = try Store(to, create: true)
    let archiver = Archiver(connection.kafka, into: store.blobs, options: try options(context))
    let terminal = context.terminal
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
      terminal.print("\(topic) archived to \(store.name): \(text(report))")
      if report.losses > 0 {
        terminal.note(
          "\(topic): \(Figure.count(report.losses, "offset")) had been deleted by retention before they could be read; the archive says which"
        )
      }
    }
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

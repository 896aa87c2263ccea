package import ControlTopics
import Kafka
package import RestoreModel
import Threads

/// Feeds an audit from the topics. The service may go on meanwhile.
package struct AuditReader: Sendable {
  private let settings: KafkaLogSettings

  package init(_ settings: KafkaLogSettings) { self.settings = settings }

  /// - Parameters:
  ///   - key: of which hashes and documents are compared; nil: of all.
  ///   - last: offset in `events` up to which the history is replayed, itself included; nil: all of it, and `specs` and `status` are
  ///     compared with what it leads to.
  ///
  /// A difference is in the report. Throws `CorruptLog` only for records of a newer version, `KafkaError` and `ControlLogFailure` when
  /// the topics can't be read.
  package func audit(of key: ResourceKey? = nil, until last: Int64? = nil) async throws -> AuditReport {
    let settings = settings
    let isCancelled = Locked(false)
    return try await withTaskCancellationHandler {
      try await NamedThread.run("thaw-audit") {
        var run = AuditRun(settings: settings, audit: Audit(of: key)) { isCancelled.withLock { $0 } }
        do {
          try run.all(until: last)
        } catch let difference as AuditDifference {
          run.audit.stop(at: difference)
        } catch let corrupt as CorruptLog where corrupt.problem != .newerVersion {
          run.audit.stop(at: AuditDifference(corrupt))
        }
        return run.audit.report
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
  }
}

private struct AuditRun {
  let settings: KafkaLogSettings
  var audit: Audit
  let isCancelled: @Sendable () -> Bool

  /// The order matters on a live service. All transactions with an event before `end` have ended when that is reached, so what they wrote to
  /// `specs` and `status` lies before the ends found afterwards; and what those hold follows events that lie before the end found last.
  mutating func all(until last: Int64?) throws {
    let end = try replay(from: nil, to: last.map { $0 + 1 })
    guard last == nil else { return }
    var head = RecordedHead()
    for topic in [ControlTopic.specs, .status] {
      _ = try LogSnapshot.replay(topic, settings, from: nil, isCancelled: isCancelled) {
        for record in $0 { try head.apply(record) }
      }
    }
    try audit.compare(with: head)
    _ = try replay(from: end, to: nil)
    try audit.finish()
  }

  private mutating func replay(from first: Int64?, to bound: Int64?) throws -> Int64 {
    try LogSnapshot.replay(.events, settings, from: first, to: bound, isCancelled: isCancelled) {
      for record in $0 { try audit.replay(record) }
    }
  }
}

package import ControlTopics
import Kafka
import RestoreModel
import ControlPlane
import Threads

/// Reads what the topics hold now: `get`, `describe`, `wait`.
package struct StateReader: Sendable {
  private let settings: KafkaLogSettings

  package init(_ settings: KafkaLogSettings) { self.settings = settings }

  /// The fold of `specs` and `status` up to their true ends. Throws `CorruptLog`, or `KafkaError` when the cluster can't be reached.
  package func snapshot() async throws -> StateDecoder { try await LogSnapshot.take(settings).decoder }

  /// The fold first, then again whenever something has changed, until the reading task ends. Each is whole: no transaction shows in part, as far
  /// as one topic goes.
  package func follow() -> AsyncThrowingStream<StateDecoder, any Error> {
    let settings = settings
    return AsyncThrowingStream { continuation in
      let task = Task {
        do {
          let snapshot = try await LogSnapshot.take(settings)
          continuation.yield(snapshot.decoder)
          var decoder = snapshot.decoder
          for try await elements in TopicReader.follow(snapshot.ends.mapValues { .offset($0) }, settings) {
            var hasChanged = false
            for case .record(let record) in elements {
              try decoder.apply(record)
              hasChanged = true
            }
            if hasChanged { continuation.yield(decoder) }
          }
          continuation.finish()
        } catch { continuation.finish(throwing: error) }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}

/// A fold by somebody who isn't the owner.
struct LogSnapshot {
  var decoder: StateDecoder
  var ends: [ControlTopic: Int64]

  /// Both topics at the same time: reading the records is most of the work.
  static func take(_ settings: KafkaLogSettings) async throws -> LogSnapshot {
    let isCancelled = Locked(false)
    let shared = SharedFold()
    defer { shared.close() }
    let ends = try await withTaskCancellationHandler {
      try await withThrowingTaskGroup(of: (ControlTopic, Int64).self) { group in
        for topic in [ControlTopic.specs, .status] {
          group.addTask { (topic, try await fold(topic, settings, into: shared.part(), isCancelled)) }
        }
        do {
          return try await group.reduce(into: [:]) { ends, found in ends[found.0] = found.1 }
        } catch {
          isCancelled.withLock { $0 = true }
          throw error
        }
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
    return LogSnapshot(decoder: shared.folded, ends: ends)
  }

  private static func fold(
    _ topic: ControlTopic, _ settings: KafkaLogSettings, into part: SharedFold.Part, _ isCancelled: Locked<Bool>
  ) async throws -> Int64 {
    let end = try await NamedThread.run("thaw-\(topic)") {
      try replay(
        topic, settings, from: nil, headers: .owners, isCancelled: { isCancelled.withLock { $0 } }
      ) { try part.take($0) }
    }
    try await part.finish()
    return end
  }

  @discardableResult
  static func replay(
    _ topic: ControlTopic, _ settings: KafkaLogSettings, from offset: Int64?, to bound: Int64? = nil,
    headers: KeptHeaders = .all, isCancelled: @escaping @Sendable () -> Bool,
    _ body: ([ControlRecord]) throws -> Void
  ) throws -> Int64 {
    let admin = try Admin(settings.kafka)
    defer { admin.close() }
    return try TopicReplay(
      settings: settings, admin: admin, topic: topic, headers: headers,
      mayGoOn: { stalled in
        if isCancelled() { throw CancellationError() }
        if stalled > settings.requestTimeout + settings.transactionTimeout {
          throw ControlLogFailure(
            "\(settings.name(topic))-0 can't be read to its end in time: a broker is slow, or somebody's transaction is open"
          )
        }
      }, whenBlocked: { _ in }
    ).run(from: offset, to: bound, body)
  }
}

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

  static func take(_ settings: KafkaLogSettings) async throws -> LogSnapshot {
    let isCancelled = Locked(false)
    return try await withTaskCancellationHandler {
      try await NamedThread.run("thaw-state") { try read(settings) { isCancelled.withLock { $0 } } }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
  }

  private static func read(_ settings: KafkaLogSettings, isCancelled: @escaping @Sendable () -> Bool) throws
    -> LogSnapshot
  {
    var snapshot = LogSnapshot(decoder: StateDecoder(), ends: [:])
    for topic in [ControlTopic.specs, .status] {
      snapshot.ends[topic] = try replay(topic, settings, from: nil, isCancelled: isCancelled) { record in
        try snapshot.decoder.apply(record)
      }
    }
    return snapshot
  }

  @discardableResult
  static func replay(
    _ topic: ControlTopic, _ settings: KafkaLogSettings, from offset: Int64?, to bound: Int64? = nil,
    isCancelled: @escaping @Sendable () -> Bool,
    _ body: (ControlRecord) throws -> Void
  ) throws -> Int64 {
    let admin = try Admin(settings.kafka)
    defer { admin.close() }
    return try TopicReplay(
      settings: settings, admin: admin, topic: topic,
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

package import ControlTopics
import Kafka
package import RestoreModel
import Threads

/// Reads `events`: the history of one resource, or of all.
package struct EventReader: Sendable {
  private let settings: KafkaLogSettings

  package init(_ settings: KafkaLogSettings) { self.settings = settings }

  /// Events of `key` (nil: all) from an offset (nil: the first that exists) up to the end as it is now. Throws `CorruptLog` for a record that
  /// no owner of this version wrote.
  package func read(from offset: Int64? = nil, key: ResourceKey? = nil) async throws -> [EventRecord] {
    let settings = settings
    let isCancelled = Locked(false)
    return try await withTaskCancellationHandler {
      try await NamedThread.run("thaw-events") {
        var found: [EventRecord] = []
        try LogSnapshot.replay(.events, settings, from: offset, isCancelled: { isCancelled.withLock { $0 } }) {
          for record in $0 {
            let event = try EventRecord.decode(record)
            if key == nil || event.event.key == key { found.append(event) }
          }
        }
        return found
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
  }

  /// The same, and then on and on until the reading task ends.
  package func follow(
    from offset: Int64? = nil, key: ResourceKey? = nil
  ) -> AsyncThrowingStream<EventRecord, any Error> {
    let records = TopicReader.follow([.events: offset.map { .offset($0) } ?? .beginning], settings)
    return AsyncThrowingStream { continuation in
      let task = Task {
        do {
          for try await elements in records {
            for case .record(let record) in elements {
              let event = try EventRecord.decode(record)
              if key == nil || event.event.key == key { continuation.yield(event) }
            }
          }
          continuation.finish()
        } catch { continuation.finish(throwing: error) }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// The next offset that an event will get, at least.
  package func end() async throws -> Int64 {
    let settings = settings
    return try await NamedThread.run("thaw-events") {
      let admin = try Admin(settings.kafka)
      defer { admin.close() }
      return try admin.watermarks(
        of: settings.partition(.events), isolation: .readUncommitted, timeout: settings.requestTimeout
      ).high
    }
  }
}

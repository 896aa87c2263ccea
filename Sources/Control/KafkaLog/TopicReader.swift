import ControlTopics
import Kafka
import Threads

/// Follows control topics without any group, on a thread of its own; ends with the task that reads the stream.
enum TopicReader {
  /// What a reader sees; `caughtUp` when everything that was visible at that moment has been handed over.
  enum Element: Sendable {
    case record(ControlRecord)
    case caughtUp(ControlTopic, offset: Int64)
  }

  static func follow(
    _ starts: [ControlTopic: Consumer.Start], _ settings: KafkaLogSettings
  ) -> AsyncThrowingStream<[Element], any Error> {
    let isDone = Locked(false)
    let (stream, continuation) = AsyncThrowingStream<[Element], any Error>.makeStream()
    continuation.onTermination = { _ in isDone.withLock { $0 = true } }
    do {
      try NamedThread.start("thaw-reader") {
        do {
          try read(starts, settings, into: continuation) { isDone.withLock { $0 } }
          continuation.finish()
        } catch { continuation.finish(throwing: error) }
      }
    } catch { continuation.finish(throwing: error) }
    return stream
  }

  private static func read(
    _ starts: [ControlTopic: Consumer.Start], _ settings: KafkaLogSettings,
    into continuation: AsyncThrowingStream<[Element], any Error>.Continuation, isDone: () -> Bool
  ) throws {
    let consumer = try Consumer(settings.kafka, isolation: .readCommitted)
    defer { consumer.close() }
    for (topic, start) in starts { try consumer.start(settings.partition(topic), at: start) }
    while !isDone() {
      var elements: [Element] = []
      for event in try consumer.poll(max: 1000, timeout: .milliseconds(100)) {
        switch event {
        case .record(let record):
          guard let topic = settings.naming.topic(named: record.topic) else { continue }
          elements.append(.record(ControlRecord(record, of: topic)))
        case .endOfPartition(let partition, let offset):
          guard let topic = settings.naming.topic(named: partition.topic) else { continue }
          elements.append(.caughtUp(topic, offset: offset))
        case .failed(let partition, let error): if partition != nil, error.isPermanentForReader { throw error }
        }
      }
      if !elements.isEmpty { continuation.yield(elements) }
    }
  }
}

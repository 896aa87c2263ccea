import ControlPlane
import ControlTopics
import Kafka
import Logging

/// Reads a control topic's committed records up to its true end. Blocks its thread.
///
/// The end of a read-committed consumer is the last stable offset, which anybody's open transaction holds back; only a read-uncommitted query
/// answers the true one.
struct TopicReplay {
  let settings: KafkaLogSettings
  let admin: Admin
  let topic: ControlTopic
  let headers: KeptHeaders
  /// Asked several times a second, with the time since anything came; throws to give up.
  let mayGoOn: @Sendable (_ stalled: Duration) throws -> Void
  /// Told once when an open transaction has hidden the rest for three seconds.
  let whenBlocked: @Sendable (BlockedPartition) -> Void

  /// Records are folded more slowly than they come. Once so much waits, librdkafka (2.0.2) fetches no more for up to a second, however soon it
  /// is taken: with its defaults, 64 MB and 100,000 records, a fold of 100,000 documents takes twice as long.
  private static let readAhead = ["queued.max.messages.kbytes": "262144", "queued.min.messages": "1000000"]

  /// Returns the end: the offset after the last one that exists, or `bound` if that comes first.
  ///
  /// - Parameter body: gets what has come, one or more records, and never waits for others.
  func run(from offset: Int64?, to bound: Int64? = nil, _ body: ([ControlRecord]) throws -> Void) throws -> Int64 {
    let partition = settings.partition(topic)
    let extent = try admin.watermarks(of: partition, isolation: .readUncommitted, timeout: settings.requestTimeout)
    let end = min(extent.high, bound ?? .max)
    var position = offset ?? extent.low
    guard position < end else { return end }
    let consumer = try Consumer(settings.kafka(adding: Self.readAhead), isolation: .readCommitted)
    defer { consumer.close() }
    // From a number: librdkafka takes half a second to ask what "the beginning" is.
    try consumer.start(partition, at: .offset(position))
    var (moved, told) = (ContinuousClock.now, false)
    while position < end {
      try mayGoOn(ContinuousClock.now - moved)
      let before = position
      var failures: [(TopicPartition?, KafkaError)] = []
      var records: [ControlRecord] = []
      try consumer.forEachMessage(
        max: 2000, timeout: .milliseconds(200),
        other: { event in
          switch event {
          case .record: break
          case .endOfPartition(_, let reached): position = max(position, reached)
          case .failed(let failed, let error): failures.append((failed, error))
          }
        },
        record: { message in
          // Markers alone may lie before the end.
          guard message.offset < end else { return position = end }
          try records.append(ControlRecord(message, of: topic, keeping: headers))
          position = message.offset + 1
        })
      if !records.isEmpty { try body(records) }
      for (failed, error) in failures {
        if offset == nil, position == extent.low, error.isBeforeTheFirst {
          // Retention was quicker than we.
          try consumer.stop(partition)
          try consumer.start(partition, at: .beginning)
        } else if failed != nil, error.isPermanentForReader {
          // Others pass by themselves.
          throw error
        }
      }
      if position > before { (moved, told) = (.now, false) }
      if !told, ContinuousClock.now - moved > .seconds(3) {
        told = true
        whenBlocked(BlockedPartition(topic: topic, lastStableOffset: position, endOffset: end))
      }
    }
    return end
  }
}

extension KafkaError {
  /// The partition, or the offset asked for, isn't there.
  var isPermanentForReader: Bool {
    [
      .unknownPartition, .unknownTopic, .unknownTopicOrPartition, .offsetOutOfRange, .autoOffsetReset,
      .topicAuthorizationFailed,
    ].contains(code)
  }

  /// Where reading was to begin, there is nothing any more.
  var isBeforeTheFirst: Bool { code == .offsetOutOfRange || code == .autoOffsetReset }

  /// No retry mends it: somebody has to change rights or configuration.
  var needsSomebody: Bool {
    [
      .topicAuthorizationFailed, .groupAuthorizationFailed, .clusterAuthorizationFailed,
      .transactionalIDAuthorizationFailed, .saslAuthenticationFailed, .authentication, .unsupportedFeature,
      .invalidArgument,
    ].contains(code)
  }
}

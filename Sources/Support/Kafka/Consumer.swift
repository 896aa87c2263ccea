import CLibrdkafka
import Threads

/// What a poll brings.
package enum ConsumerEvent: Sendable {
  case record(ConsumedRecord)
  /// Everything up to `offset` (the next one) has been read: up to the last stable offset when reading committed
  /// records only, so this is not the end while somebody's transaction is open (`Admin.watermarks` tells).
  case endOfPartition(TopicPartition, offset: Int64)
  /// A partition (if it is about one) can't be read for now; librdkafka goes on trying unless the partition or its offset doesn't exist.
  case failed(TopicPartition?, KafkaError)
}

/// Reads partitions from offsets of the caller's choice, without any group: nothing of it shows at the broker.
///
/// An offset that the partition doesn't have (any more) is an error, never a silent jump. Calls block; `poll` and
/// `forEachMessage` belong to one thread.
package final class Consumer: BlockingClient, @unchecked Sendable {
  package enum Start: Sendable, Equatable {
    case beginning
    /// Behind the last record when the request arrives.
    case end
    case offset(Int64)

    var value: Int64 {
      switch self {
      case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
      case .end: Int64(RD_KAFKA_OFFSET_END)
      case .offset(let offset): offset
      }
    }
  }

  private struct State {
    var topics: [String: OpaquePointer] = [:]
    var started: Set<TopicPartition> = []
    var closed = false
  }

  private let client: ClientHandle
  private let pacing: FetchPacing
  private let queue: OpaquePointer
  private let state = Locked(State())
  /// Belongs to the polling thread.
  private var idle = IdleWatch()

  package init(_ configuration: KafkaConfiguration, isolation: Isolation) throws(KafkaError) {
    let pacing = FetchPacing(
      configuration.with(
        defaults: ["fetch.wait.max.ms": "100", "check.crcs": "true"],
        forced: [
          "isolation.level": isolation.rawValue, "enable.partition.eof": "true", "auto.offset.reset": "error",
          "enable.auto.commit": "false", "enable.auto.offset.store": "false",
          "statistics.interval.ms": "\(FetchPacing.interval)",
        ]))
    self.pacing = pacing
    client = try ClientHandle(.consumer, context: pacing) { conf in
      rd_kafka_conf_set_stats_cb(conf) { _, json, length, opaque in
        FetchPacing.from(opaque)?.take(statistics: UnsafeRawBufferPointer(start: json, count: length))
        return 0
      }
    }
    guard let queue = rd_kafka_queue_new(client.pointer) else { throw KafkaError(.failed, "out of memory") }
    self.queue = queue
  }

  deinit {
    // Stopping partitions may block; librdkafka's own destruction (on a thread of its own) does the same work.
    state.withLock { state in
      guard !state.closed else { return }
      for topic in state.topics.values { rd_kafka_topic_destroy(topic) }
      rd_kafka_queue_destroy(queue)
    }
  }

  package func start(_ partition: TopicPartition, at start: Start) throws(KafkaError) {
    try state.withLock { state throws(KafkaError) in
      guard !state.closed else { throw KafkaError(.destroyed, "this consumer is closed") }
      guard let topic = state.topics[partition.topic] ?? rd_kafka_topic_new(client.pointer, partition.topic, nil) else {
        throw client.error(rd_kafka_last_error())
      }
      state.topics[partition.topic] = topic
      guard rd_kafka_consume_start_queue(topic, partition.partition, start.value, queue) == 0 else {
        throw client.error(rd_kafka_last_error())
      }
      state.started.insert(partition)
    }
  }

  package func stop(_ partition: TopicPartition) throws(KafkaError) {
    try state.withLock { state throws(KafkaError) in
      guard !state.closed, state.started.remove(partition) != nil, let topic = state.topics[partition.topic] else {
        return
      }
      guard rd_kafka_consume_stop(topic, partition.partition) == 0 else {
        throw client.error(rd_kafka_last_error())
      }
    }
  }

  /// Waits up to `timeout` for the first event, then takes at most `max` that are there.
  package func poll(max: Int = 1000, timeout: Duration) throws -> [ConsumerEvent] {
    var events: [ConsumerEvent] = []
    var (topic, name): (OpaquePointer?, String) = (nil, "")
    try forEachMessage(max: max, timeout: timeout, other: { events.append($0) }) { message in
      if message.message.pointee.rkt != topic { (topic, name) = (message.message.pointee.rkt, message.topic) }
      events.append(.record(try message.copied(topic: name)))
    }
    return events
  }

  /// The same without copying, for the record path: each record is lent to `record`, in order; other events go to `other`. Returns
  /// how many there were.
  @discardableResult
  package func forEachMessage(
    max: Int = 1000, timeout: Duration, other: (ConsumerEvent) throws -> Void,
    record: (BorrowedMessage) throws -> Void
  ) throws -> Int {
    try client.enter()
    defer { client.leave() }
    rd_kafka_poll(client.pointer, 0)  // statistics and errors gather there; the log has told the errors

    if pacing.isNeeded, timeout >= .milliseconds(50),
      idle.sleeps(on: state.withLock({ $0.started }), client.pointer, atMost: timeout)
    {
      return 0
    }
    typealias Message = UnsafeMutablePointer<rd_kafka_message_t>
    return try withUnsafeTemporaryAllocation(of: Message?.self, capacity: Swift.max(1, max)) { messages in
      guard let base = messages.baseAddress else { return 0 }
      // A batch call waits until the batch is full: so wait for one, then take what is there.
      var count = rd_kafka_consume_batch_queue(queue, timeout.milliseconds, base, 1)
      if count == 1, max > 1 { count += Swift.max(0, rd_kafka_consume_batch_queue(queue, 0, base + 1, max - 1)) }
      guard count >= 0 else { throw client.error(rd_kafka_last_error()) }
      defer { for message in messages[..<count] { if let message { rd_kafka_message_destroy(message) } } }
      var records = 0
      defer { pacing.delivered(records) }
      for message in messages[..<count] {
        guard let message else { continue }
        if let event = client.event(of: message.pointee) {
          if case .endOfPartition(let partition, let offset) = event { idle.reachedEnd(of: partition, at: offset) }
          try other(event)
        } else {
          if records == 0 { idle.gotRecords() }
          records += 1
          try record(BorrowedMessage(message: message))
        }
      }
      return count
    }
  }

  /// Stops reading and destroys the handle, once calls of other threads have returned.
  package func close() {
    let state = state.withLock { state in
      defer { state.closed = true }
      return state
    }
    guard !state.closed else { return }
    client.close { [queue] _ in
      for partition in state.started {
        if let topic = state.topics[partition.topic] { rd_kafka_consume_stop(topic, partition.partition) }
      }
      for topic in state.topics.values { rd_kafka_topic_destroy(topic) }
      rd_kafka_queue_destroy(queue)
    }
  }
}

extension ClientHandle {
  /// What a message says when it is no record.
  func event(of message: rd_kafka_message_t) -> ConsumerEvent? {
    guard message.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    let partition = message.rkt.map { TopicPartition(String(cString: rd_kafka_topic_name($0)), message.partition) }
    if message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF, let partition {
      return .endOfPartition(partition, offset: message.offset)
    }
    let text = message.payload.map {
      String(decoding: UnsafeRawBufferPointer(start: $0, count: message.len), as: UTF8.self)
    }
    return .failed(partition, error(message.err, text))
  }
}

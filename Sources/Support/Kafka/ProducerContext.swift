import CLibrdkafka
import Threads

/// The records of a `Producer` that are on their way, and the loop of its thread.
final class ProducerContext: ClientContext, @unchecked Sendable {
  typealias Completion = @Sendable (Result<RecordPosition, KafkaError>) -> Void

  private struct State {
    var next: UInt = 1
    var waiting: [UInt: Completion] = [:]
    /// How long the thread may flush once it is asked to end.
    var flushing: Duration?
    var ended = false
    var onEnd: [@Sendable () -> Void] = []
  }

  private let state = Locked(State())

  func send(_ record: OutgoingRecord, through client: ClientHandle, _ completion: @escaping Completion) {
    let ticket: UInt? = state.withLock { state in
      guard state.flushing == nil else { return nil }
      defer { state.next += 1 }
      state.waiting[state.next] = completion
      return state.next
    }
    guard let ticket else { return completion(.failure(KafkaError(.destroyed, "the producer is closed"))) }
    do { try client.produce(record, opaque: ticket) } catch { finish(ticket, .failure(error)) }
  }

  func report(_ message: rd_kafka_message_t) {
    finish(UInt(bitPattern: message._private), Result { () throws(KafkaError) in try position(of: message) })
  }

  private func finish(_ ticket: UInt, _ result: Result<RecordPosition, KafkaError>) {
    let completion = state.withLock { $0.waiting.removeValue(forKey: ticket) }
    completion?(result)
  }

  func stop(_ client: ClientHandle, flushing timeout: Duration) {
    let first = state.withLock { state in
      defer { state.flushing = state.flushing ?? timeout }
      return state.flushing == nil
    }
    guard first else { return }
    // A closed client has seen the end already.
    try? client.use { client throws(KafkaError) in
      guard let queue = rd_kafka_queue_get_main(client) else { return }
      rd_kafka_queue_yield(queue)
      rd_kafka_queue_destroy(queue)
    }
  }

  func whenEnded(_ body: @escaping @Sendable () -> Void) {
    let ended = state.withLock { state in
      if !state.ended { state.onEnd.append(body) }
      return state.ended
    }
    if ended { body() }
  }

  /// The thread's life: serves delivery reports until it is stopped, then flushes, gives up what is left, and destroys.
  func serve(_ client: ClientHandle) {
    while true {
      if let timeout = state.withLock({ $0.flushing }) {
        if rd_kafka_flush(client.pointer, timeout.milliseconds) != RD_KAFKA_RESP_ERR_NO_ERROR {
          rd_kafka_purge(client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
          rd_kafka_flush(client.pointer, 1000)
        }
        break
      }
      rd_kafka_poll(client.pointer, 1000)
    }
    client.close()
    let (left, onEnd) = state.withLock { state in
      defer { (state.waiting, state.onEnd, state.ended) = ([:], [], true) }
      return (state.waiting.values, state.onEnd)
    }
    for completion in left { completion(.failure(KafkaError(.destroyed, "the producer was closed first"))) }
    for body in onEnd { body() }
  }
}

extension ClientContext {
  /// Where a delivery report says that its record has arrived.
  func position(of message: rd_kafka_message_t) throws(KafkaError) -> RecordPosition {
    let topic = message.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
    guard message.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
      let error = explain(KafkaError(message.err))
      throw error.saying("a record for \(topic) was not delivered: \(error.message)")
    }
    return RecordPosition(
      topic: topic, partition: message.partition, offset: message.offset < 0 ? nil : message.offset)
  }
}

import CLibrdkafka
import Threads

/// A transactional producer for small transactions whose records' offsets matter: the control plane's.
///
///     try producer.initTransactions(timeout: .seconds(5))
///     try producer.begin()
///     try producer.produce(record)
///     let positions = try producer.flush(timeout: .seconds(5))
///     try producer.sendOffsets([commands: …], group: metadata, timeout: .seconds(5))
///     try producer.commit(timeout: .seconds(5))
package final class TransactionalProducer: TransactionalClient, @unchecked Sendable {
  private let deliveries: Deliveries

  /// `linger.ms` 0 and `retry.backoff.ms` 2: with the defaults, a transaction that follows another at once waits 100 ms for the
  /// markers of the last one.
  package init(_ configuration: KafkaConfiguration, transactionalID: String) throws(KafkaError) {
    let deliveries = Deliveries(
      configuration.with(
        defaults: ["linger.ms": "0", "retry.backoff.ms": "2"],
        forced: ["transactional.id": transactionalID, "enable.idempotence": "true"]))
    self.deliveries = deliveries
    try super.init(
      ClientHandle(.producer, context: deliveries) { conf in
        rd_kafka_conf_set_dr_msg_cb(conf) { _, message, opaque in
          guard let message else { return }
          Deliveries.from(opaque)?.report(message.pointee)
        }
      })
  }

  package override func begin() throws(KafkaError) {
    deliveries.reset()
    try super.begin()
  }

  /// Adds a record to the transaction. Holds back while librdkafka's queue is full, up to `timeout`.
  package func produce(_ record: OutgoingRecord, timeout: Duration = .seconds(10)) throws(KafkaError) {
    let deadline = Deadline(timeout)
    let ticket = deliveries.expect()
    while true {
      do {
        return try client.produce(record, opaque: ticket)
      } catch  where error.code == .queueFull && !deadline.isOver {
        _ = try client.use { client throws(KafkaError) in rd_kafka_poll(client, 100) }
      } catch {
        deliveries.forget(ticket)
        throw error
      }
    }
  }

  /// Waits until every record of the transaction has arrived: their positions, in the order in which they were produced.
  /// Throws the first failed delivery, after which the transaction must be aborted.
  @discardableResult
  package func flush(timeout: Duration) throws(KafkaError) -> [RecordPosition] {
    try client.flush(timeout: timeout)
    return try deliveries.positions()
  }

  package override func commit(timeout: Duration) throws(KafkaError) {
    do { try super.commit(timeout: timeout) } catch {
      // librdkafka only says that a delivery failed; the report says why.
      guard error.txnRequiresAbort, let failure = deliveries.failure else { throw error }
      throw error.saying("\(error.message): \(failure.message)")
    }
  }
}

/// The delivery reports of the current transaction. They come within the calls of the thread that drives the producer.
private final class Deliveries: ClientContext, @unchecked Sendable {
  private struct State {
    /// Tickets of earlier transactions are below it; what still arrives for them is of no interest.
    var first: UInt = 1
    var results: [Result<RecordPosition, KafkaError>?] = []
  }

  private let state = Locked(State())

  func reset() {
    state.withLock { state in
      state.first += UInt(state.results.count)
      state.results.removeAll(keepingCapacity: true)
    }
  }

  func expect() -> UInt {
    state.withLock { state in
      state.results.append(nil)
      return state.first + UInt(state.results.count) - 1
    }
  }

  /// The record of the last ticket was never accepted.
  func forget(_ ticket: UInt) {
    state.withLock { state in
      if ticket == state.first + UInt(state.results.count) - 1 { state.results.removeLast() }
    }
  }

  func report(_ message: rd_kafka_message_t) {
    let result = Result { () throws(KafkaError) in try position(of: message) }
    state.withLock { state in
      let ticket = UInt(bitPattern: message._private)
      guard ticket >= state.first, ticket - state.first < UInt(state.results.count) else { return }
      state.results[Int(ticket - state.first)] = result
    }
  }

  var failure: KafkaError? {
    for case .failure(let error) in state.withLock({ $0.results }) { return error }
    return nil
  }

  func positions() throws(KafkaError) -> [RecordPosition] {
    var positions: [RecordPosition] = []
    for result in state.withLock({ $0.results }) {
      guard let result else {
        throw KafkaError(.timedOut, "a record's delivery is unknown after the flush", txnRequiresAbort: true)
      }
      do { positions.append(try result.get()) } catch {
        throw KafkaError(error.code, error.message, isFatal: error.isFatal, txnRequiresAbort: true)
      }
    }
    return positions
  }
}

import CLibrdkafka

/// The producer of a lane, for millions of records a second out of memory that the caller owns.
///
/// One thread makes every call, the delivery reports included: they are served by `poll`, and within `drain`, `commit` and
/// `abort`. Values are not copied: the caller lays them into numbered slots, and a slot's memory may change again once
/// `outstanding(inSlot:)` is 0, or after `close`. Keys and headers are copied.
///
/// With a transactional id it is a transactional producer; without, an idempotent one. `linger.ms` and other properties are the
/// caller's; of a full queue `produce` says `.full`: poll (100 ms, say) and offer the same record again.
package final class LaneProducer: TransactionalClient, @unchecked Sendable {
  package enum Admission: Sendable {
    case queued
    /// The queue is full; nothing was taken, and headers added for the record are kept for the next try.
    case full
    /// librdkafka takes timestamp 0 for "now" and can't carry it; nothing was taken but the headers are kept.
    case zeroTimestamp
  }

  private let deliveries: LaneDeliveries
  private let fields: LaneFields
  /// `rd_kafka_topic_t` by name; destroyed before the handle.
  private var topics: [String: OpaquePointer] = [:]
  private var targets: [(topic: OpaquePointer, partition: Int32)] = []
  /// Headers of the next record, ours until a produce call takes them.
  private var headers: OpaquePointer?
  private var isInTransaction = false

  /// - Parameters:
  ///   - slots: how many slots there are, at most 65,536.
  ///   - batchSize: `batch.size` in bytes, below the topics' `max.message.bytes`.
  ///   - maxMessageBytes: `message.max.bytes`, of the largest record with everything added to it (1,000…1,000,000,000).
  package init(
    _ configuration: KafkaConfiguration, transactionalID: String?, slots: Int, batchSize: Int = 1_000_000,
    maxMessageBytes: Int = 1_000_000
  ) throws(KafkaError) {
    guard (1...65_536).contains(slots) else { throw KafkaError(.invalidArgument, "\(slots) slots; 1 to 65,536 go") }
    var forced = [
      "enable.idempotence": "true", "batch.size": "\(batchSize)", "message.max.bytes": "\(maxMessageBytes)",
    ]
    if let transactionalID { forced["transactional.id"] = transactionalID }
    let deliveries = LaneDeliveries(
      configuration.with(
        defaults: ["retry.backoff.ms": "5", "queue.buffering.max.messages": "250000"], forced: forced), slots: slots)
    self.deliveries = deliveries
    fields = LaneFields()
    try super.init(
      ClientHandle(.producer, context: deliveries) { conf in
        rd_kafka_conf_set_dr_msg_cb(conf) { _, message, opaque in
          guard let message, let opaque else { return }
          Unmanaged<LaneDeliveries>.fromOpaque(opaque)._withUnsafeGuaranteedRef { $0.report(message) }
        }
      })
  }

  deinit { close() }

  /// The number under which `produce` and `takeAcknowledged` know a partition. Asking again gives another number.
  package func target(_ partition: TopicPartition) throws(KafkaError) -> Int {
    if topics[partition.topic] == nil {
      guard let topic = rd_kafka_topic_new(client.pointer, partition.topic, nil) else {
        throw client.error(rd_kafka_last_error())
      }
      topics[partition.topic] = topic
    }
    guard let topic = topics[partition.topic] else { throw KafkaError(.unknownTopic, "no handle of \(partition)") }
    targets.append((topic, partition.partition))
    deliveries.acknowledged.append(Acknowledged())
    return targets.count - 1
  }

  /// Adds a header to the record of the next `produce`, copying both. A null value is not an empty one.
  package func addHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) throws(KafkaError) {
    if headers == nil { headers = rd_kafka_headers_new(8) }
    let code = rd_kafka_header_add(
      headers, name.baseAddress?.assumingMemoryBound(to: CChar.self) ?? EmptyBytes.name, name.count,
      value.map { $0.baseAddress ?? UnsafeRawPointer(EmptyBytes.pointer) }, value?.count ?? 0)
    try client.check(code)
  }

  /// Forgets the headers added since the last record taken.
  package func dropHeaders() {
    if let headers { rd_kafka_headers_destroy(headers) }
    headers = nil
  }

  /// Offers a record whose value lies in slot `slot`. `timestamp`: milliseconds since 1970. A nil key or value is a null one; an empty
  /// buffer is an empty one, wherever it points.
  package func produce(
    to target: Int, slot: Int, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
  ) throws(KafkaError) -> Admission {
    guard timestamp != 0 else { return .zeroTimestamp }
    let (topic, partition) = targets[target]
    fields.set(topic: topic, partition: partition, timestamp: timestamp, key: key, value: value)
    fields.set(opaque: UInt(target) << 16 | UInt(slot), headers: headers)
    if let error = rd_kafka_produceva(client.pointer, fields.pointer, fields.count(withHeaders: headers != nil)) {
      guard rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL else {
        rd_kafka_error_destroy(error)
        return .full
      }
      try client.check(error)
    }
    headers = nil
    deliveries.queued(slot: slot)
    return .queued
  }

  /// Serves delivery reports, waiting up to `timeout` for the first. Throws the first failed delivery since `begin`
  /// (`resetFailure` forgets it).
  package func poll(timeout: Duration = .zero) throws(KafkaError) {
    rd_kafka_poll(client.pointer, timeout.milliseconds)
    try checkDeliveries()
  }

  /// Waits until everything produced has been acknowledged. Throws a failed delivery, or a retriable time-out.
  package func drain(timeout: Duration) throws(KafkaError) {
    try client.flush(timeout: timeout)
    try checkDeliveries()
  }

  /// The loss of the fence purges what waits in the queue, and a purged record's report says nothing of the fence.
  private func checkDeliveries() throws(KafkaError) {
    guard let failure = deliveries.failure else { return }
    throw client.fatalError ?? abortReason(behind: failure) ?? failure
  }

  /// Why the records of a transaction were given up, such as that a topic is refused to it: their own reports say only that they were purged. Nil where
  /// that isn't so, or isn't known.
  private func abortReason(behind failure: KafkaError) -> KafkaError? {
    guard isInTransaction, failure.code == .purgedFromQueue || failure.code == .purgedInFlight else { return nil }
    // Within a transaction it does nothing but refuse, and of one that must be aborted it tells the reason.
    let result = Result { () throws(KafkaError) in try super.begin() }
    guard case .failure(let error) = result, error.txnRequiresAbort else { return nil }
    return error
  }

  package override func begin() throws(KafkaError) {
    resetFailure()
    try super.begin()
    isInTransaction = true
  }

  package override func abort(timeout: Duration) throws(KafkaError) {
    try super.abort(timeout: timeout)
    isInTransaction = false
  }

  package override func commit(timeout: Duration) throws(KafkaError) {
    do {
      try super.commit(timeout: timeout)
      isInTransaction = false
    } catch {
      guard error.txnRequiresAbort, let failure = deliveries.failure else { throw error }
      throw error.saying("\(error.message): \(failure.message)")
    }
  }

  package func resetFailure() { deliveries.failure = nil }

  /// Records on their way, in all slots together.
  package var outstanding: Int { deliveries.outstanding }

  /// Records of this slot that are on their way.
  package func outstanding(inSlot slot: Int) -> Int { deliveries.outstanding(inSlot: slot) }

  /// What a target's partition has acknowledged since the last time this was asked.
  package func takeAcknowledged(_ target: Int) -> Acknowledged {
    defer { deliveries.acknowledged[target] = Acknowledged() }
    return deliveries.acknowledged[target]
  }

  package struct Acknowledged: Sendable, Equatable {
    package internal(set) var count = 0
    package internal(set) var firstOffset: Int64?
    package internal(set) var lastOffset: Int64?
    /// Acknowledgements that didn't say an offset (a repeated request of the idempotent producer): with any,
    /// the range may be narrower than what was written.
    package internal(set) var withoutOffset = 0
  }

  /// Gives up what is on its way, so that every slot is free. In a transaction, abort next.
  package func purge() {
    deliveries.isPurging = true
    defer { deliveries.isPurging = false }
    // Again and again, for what a partition that moved between brokers hid from the last purge.
    while deliveries.outstanding > 0 {
      rd_kafka_purge(client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
      rd_kafka_poll(client.pointer, 100)
    }
  }

  /// Ends; whatever was on its way is given up, and no slot is read any more when it returns.
  package override func close() {
    dropHeaders()
    for topic in topics.values { rd_kafka_topic_destroy(topic) }
    topics = [:]
    targets = []
    super.close()
  }
}

import ColdStorage
import Kafka
import KafkaProtocol
import RestoreModel

/// Sends batches on as they are: stored ones unopened, others as the reader's thread has encoded them. Nothing is inflated here, and of a batch
/// only the header is looked at.
final class ReplaySink: RecordSink {
  let form: BatchForm
  private let producer: BatchProducer
  /// Commits the positions of at-least-once, which no transaction carries.
  private let admin: Admin?

  /// - Parameter transactionalID: nil for at-least-once: an idempotent producer, and positions that nothing fences.
  init(
    _ configuration: KafkaConfiguration, transactionalID: String?, slots: Int, _ bounds: TransactionBounds,
    _ rules: WireRules
  ) throws(KafkaError) {
    form = .wire(rules)
    producer = try BatchProducer(
      configuration, transactionalID: transactionalID, transactionTimeout: bounds.timeout, slots: slots)
    admin = transactionalID == nil ? try Admin(configuration) : nil
  }

  func clusterID(timeout: Duration) throws(KafkaError) -> String? { try producer.clusterID(timeout: timeout) }

  /// Why the brokers can't be sent to like this, if they can't.
  func obsolescence(timeout: Duration) throws(KafkaError) -> String? { try producer.obsolescence(timeout: timeout) }

  func takeOver(timeout: Duration) throws(KafkaError) {
    if admin == nil { try producer.initTransactions(timeout: timeout) }
  }

  func partitions(of topics: [String], timeout: Duration) throws(KafkaError) -> [TopicPartition] {
    try producer.partitions(of: topics, timeout: timeout)
  }

  func positions(
    of partitions: [TopicPartition], group: String, timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
    try producer.positions(of: partitions, group: group, timeout: timeout)
  }

  func target(_ partition: TopicPartition) throws(KafkaError) -> Int { producer.target(partition) }

  func begin() throws(KafkaError) {
    if admin == nil { try producer.begin() } else { producer.resetFailure() }
  }

  func send(_ batch: LoadedBatch, to target: Int, _ tally: inout SendTally, budget: inout Int) throws -> SendOutcome {
    guard budget > 0 else { return .budgetSpent }
    if let wire = batch.wire {
      let admission = try producer.produce(
        to: target, slot: batch.slot, header: UnsafeRawBufferPointer(rebasing: wire[..<BatchSigner.headerSize]),
        payload: UnsafeRawBufferPointer(rebasing: wire[BatchSigner.headerSize...]))
      guard case .queued = admission else { return .full }
    }
    tally.add(batch.prepared)
    budget -= Int(max(batch.prepared.digest.records, batch.prepared.bytesSent))
    return .sent
  }

  /// A batch goes into one transaction or the other.
  func cut(_ batch: LoadedBatch, _ tally: inout SendTally) throws {}

  func poll(timeout: Duration) throws(KafkaError) { try producer.poll(timeout: timeout) }

  func drain(timeout: Duration) throws(KafkaError) { try producer.drain(timeout: timeout) }

  var wantsMore: Bool { !producer.hasWaiting }

  func outstanding(inSlot slot: Int) -> Int { producer.outstanding(inSlot: slot) }

  func takeAcknowledged(_ target: Int) -> AcknowledgedRange {
    let range = producer.takeAcknowledged(target)
    return AcknowledgedRange(
      count: range.count, first: range.firstOffset, last: range.lastOffset, withoutOffset: range.withoutOffset)
  }

  func ends(of partitions: [TopicPartition], timeout: Duration) throws(KafkaError) -> [TopicPartition: Int64] {
    let end = ContinuousClock.now + timeout
    var ends: [TopicPartition: Int64] = [:]
    for partition in partitions {
      ends[partition] = try producer.end(of: partition, timeout: max(.milliseconds(1), end - .now))
    }
    return ends
  }

  func send(
    positions: [TopicPartition: CommittedPosition], group: String, timeout: Duration
  ) throws(KafkaError) {
    try positions.inRequests { part throws(KafkaError) in
      if let admin {
        try admin.commit(part, toMemberlessGroup: group, timeout: timeout)
      } else {
        try producer.sendOffsets(part, memberlessGroup: group, timeout: timeout)
      }
    }
  }

  func commit(timeout: Duration) throws(KafkaError) {
    if admin == nil { try producer.commit(timeout: timeout) }
  }

  func abort(timeout: Duration) throws(KafkaError) { try producer.abort(timeout: timeout) }

  var refusedCodecs: [RefusedCodec] {
    producer.refusals.compactMap { refusal in
      BatchCodec(rawValue: refusal.codec).map { RefusedCodec(codec: $0, partition: refusal.partition) }
    }
  }

  func close() {
    producer.close()
    admin?.close()
  }
}

import ColdStorage
import Kafka
import Logging
import RestoreModel

/// Sends records through librdkafka: each batch is opened, its values are sent out of the slot without being copied.
final class KafkaRecordSink: RecordSink {
  struct Sizes {
    /// Of the lane's targets; bytes.
    var maxMessageBytes: Int64
    /// Of the largest record as a batch of its own, with what is added to it.
    var largestRecord: Int64
    var slots: Int

    /// Below the topic's limit, which counts the whole batch.
    var batchSize: Int { Int(max(1024, min(1_000_000, maxMessageBytes - 1024))) }

    /// librdkafka checks a record by this before compressing it; the target's own limit is for the broker to say.
    var messageBytes: Int { Int(min(1_000_000_000, max(1_000_000, max(largestRecord, maxMessageBytes)) + 4096)) }
  }

  private let producer: LaneProducer
  private let admin: Admin
  private let isTransactional: Bool
  private let writer: RecordWriter<LaneProducer>

  /// - Parameter transactionalID: nil for at-least-once: an idempotent producer, and positions that nothing fences.
  init(
    _ configuration: KafkaConfiguration, transactionalID: String?, _ sizes: Sizes, _ bounds: TransactionBounds,
    _ changes: RecordChanges
  ) throws {
    var configuration = configuration
    configuration.properties["linger.ms"] = configuration.properties["linger.ms"] ?? "20"
    if transactionalID != nil {
      configuration.properties["transaction.timeout.ms"] = "\(bounds.timeout.components.seconds * 1000)"
    }
    producer = try LaneProducer(
      configuration, transactionalID: transactionalID, slots: sizes.slots, batchSize: sizes.batchSize,
      maxMessageBytes: sizes.messageBytes)
    admin = try Admin(configuration)
    isTransactional = transactionalID != nil
    writer = try RecordWriter(producer, changes)
  }

  func clusterID(timeout: Duration) throws(KafkaError) -> String? { try admin.clusterID(timeout: timeout) }

  func takeOver(timeout: Duration) throws(KafkaError) {
    if isTransactional { try producer.initTransactions(timeout: timeout) }
  }

  func partitions(of topics: [String], timeout: Duration) throws(KafkaError) -> [TopicPartition] {
    let known = try admin.describeCluster(timeout: timeout).topics
    return topics.flatMap { name in (known[name]?.partitions ?? []).map { TopicPartition(name, $0.id) } }
  }

  func positions(
    of partitions: [TopicPartition], group: String, timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
    try admin.committedPositions(of: group, partitions: partitions, timeout: timeout)
  }

  func target(_ partition: TopicPartition) throws(KafkaError) -> Int { try producer.target(partition) }

  func begin() throws(KafkaError) {
    if isTransactional { try producer.begin() } else { producer.resetFailure() }
  }

  func send(_ batch: LoadedBatch, to target: Int, _ tally: inout SendTally, budget: inout Int) throws -> SendOutcome {
    do {
      return try writer.write(batch, to: target, &tally, budget: &budget)
    } catch let error as BatchError {
      throw batch.failure(error)
    }
  }

  func cut(_ batch: LoadedBatch, _ tally: inout SendTally) throws {
    do { try writer.digestPrefix(of: batch, &tally) } catch { throw batch.failure(error) }
  }

  func poll(timeout: Duration) throws(KafkaError) { try producer.poll(timeout: timeout) }

  func drain(timeout: Duration) throws(KafkaError) { try producer.drain(timeout: timeout) }

  func outstanding(inSlot slot: Int) -> Int { producer.outstanding(inSlot: slot) }

  func takeAcknowledged(_ target: Int) -> AcknowledgedRange {
    let range = producer.takeAcknowledged(target)
    return AcknowledgedRange(
      count: range.count, first: range.firstOffset, last: range.lastOffset, withoutOffset: range.withoutOffset)
  }

  func ends(of partitions: [TopicPartition], timeout: Duration) throws(KafkaError) -> [TopicPartition: Int64] {
    try admin.ends(of: partitions, timeout: timeout)
  }

  func send(
    positions: [TopicPartition: CommittedPosition], group: String, timeout: Duration
  ) throws(KafkaError) {
    try positions.inRequests { part throws(KafkaError) in
      if isTransactional {
        try producer.sendOffsets(part, memberlessGroup: group, timeout: timeout)
      } else {
        try admin.commit(part, toMemberlessGroup: group, timeout: timeout)
      }
    }
  }

  func commit(timeout: Duration) throws(KafkaError) {
    if isTransactional { try producer.commit(timeout: timeout) }
  }

  func abort(timeout: Duration) throws(KafkaError) {
    producer.purge()
    if isTransactional { try producer.abort(timeout: timeout) }
  }

  func close() {
    producer.close()
    admin.close()
  }
}

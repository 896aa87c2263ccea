import CLibrdkafka
import Threads

/// The calls of a transactional producer. Each blocks its thread, at most for the time given; use a dedicated one.
///
/// Errors say the way on by their `disposition`: `retriable` (make the same call again; a commit that timed out may have
/// happened), `abortable` (`abort`, then `begin`), `fenced` and `fatal` (close this handle, start from a new one).
package class TransactionalClient: BlockingClient, @unchecked Sendable {
  let client: ClientHandle
  /// A call was given up that has not returned: the handle is left to it.
  private let isStuck = Locked(false)

  init(_ client: ClientHandle) { self.client = client }

  /// Takes over the transactional id: fences whoever had it and ends their open transaction. Not tried again here, since
  /// an owner checks its claim between two tries.
  package func initTransactions(timeout: Duration) throws(KafkaError) {
    try client.call { rd_kafka_init_transactions($0, timeout.milliseconds) }
  }

  package func begin() throws(KafkaError) { try client.call { rd_kafka_begin_transaction($0) } }

  /// Commits positions of a group with the transaction. Metadata of more than 4,095 bytes is refused by the broker.
  package func sendOffsets(
    _ positions: [TopicPartition: CommittedPosition], group: ConsumerGroupMetadata, timeout: Duration
  ) throws(KafkaError) {
    guard !positions.isEmpty else { return }
    try startOffsets(positions, group: group, timeout: timeout).wait()
  }

  /// The same, under way when it returns. Until its `wait` has returned, only records may be produced and flushed beside it: librdkafka takes one
  /// call of the transaction at a time.
  package func startOffsets(
    _ positions: [TopicPartition: CommittedPosition], group: ConsumerGroupMetadata, timeout: Duration
  ) throws(KafkaError) -> OffsetsCall {
    let (client, isStuck) = (client, isStuck)
    return try OffsetsCall(timeout, whenGivenUp: { isStuck.withLock { $0 = true } }) { () throws(KafkaError) in
      let list = PartitionList(positions)
      try client.call {
        rd_kafka_send_offsets_to_transaction($0, list.pointer, group.pointer, timeout.milliseconds)
      }
    }
  }

  /// The same for a group without members.
  package func sendOffsets(
    _ positions: [TopicPartition: CommittedPosition], memberlessGroup group: String, timeout: Duration
  ) throws(KafkaError) {
    try sendOffsets(positions, group: ConsumerGroupMetadata(memberlessGroup: group), timeout: timeout)
  }

  /// Waits for what is on its way, then commits. A time-out is retriable and leaves the outcome unknown until a later call of
  /// the same tells; with a new handle instead, `initTransactions` settles it.
  package func commit(timeout: Duration) throws(KafkaError) {
    try client.call { rd_kafka_commit_transaction($0, timeout.milliseconds) }
  }

  package func abort(timeout: Duration) throws(KafkaError) {
    try client.call { rd_kafka_abort_transaction($0, timeout.milliseconds) }
  }

  /// Ends, once calls of other threads have returned, without waiting for what is on its way; an open transaction stays open until its
  /// time-out or the next owner.
  package func close() { if !isStuck.withLock({ $0 }) { client.close() } }
}

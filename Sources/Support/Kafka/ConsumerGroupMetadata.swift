import CLibrdkafka

/// A member's identity in its group at one moment, as a transaction proves it to the broker (KIP-447). Owns the handle.
package final class ConsumerGroupMetadata: @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  /// Of a group without members: its offsets are committed by whoever owns the transactional id, and by nobody else.
  package init(memberlessGroup group: String) throws(KafkaError) {
    guard let pointer = rd_kafka_consumer_group_metadata_new(group) else { throw KafkaError(.failed, "out of memory") }
    self.pointer = pointer
  }

  deinit { rd_kafka_consumer_group_metadata_destroy(pointer) }
}

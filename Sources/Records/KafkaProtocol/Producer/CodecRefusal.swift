package import Kafka

/// A broker takes no batches of this codec (`UNSUPPORTED_COMPRESSION_TYPE`; protocol guide, "Error Codes", and KIP-110).
package struct CodecRefusal: Sendable, Equatable {
  package let partition: TopicPartition
  /// As the attributes of a batch say it.
  package let codec: Int16

  init(_ partition: TopicPartition, _ batch: OutgoingBatch) {
    self.partition = partition
    codec = batch.header.withUnsafeBytes(BatchSigner.codec)
  }
}

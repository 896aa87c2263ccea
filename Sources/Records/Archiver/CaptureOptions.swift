package import ColdStorage

package struct CaptureOptions: Sendable {
  /// zstd or none.
  package var codec = BatchCodec.zstd
  package var limits = PartitionWriter.Limits()
  /// How long nothing may come before the capture gives up: because of an open transaction, or because brokers are out
  /// of reach.
  package var patience = Duration.seconds(60)
  /// Of each question to the cluster.
  package var requestTimeout = Duration.seconds(30)
  /// Each takes memory for fetched records and for a batch.
  package var partitionsAtOnce = 8
  package var progressInterval = Duration.milliseconds(500)

  package init() {}
}

/// How far the capture of one topic is.
package struct CaptureProgress: Hashable, Sendable {
  package let topic: String
  package var records: Int64 = 0
  /// Of keys, values and headers.
  package var contentBytes: UInt64 = 0
  /// Offsets passed, those of gaps among them; out of `offsetsTotal`.
  package var offsetsDone: Int64 = 0
  package var offsetsTotal: Int64 = 0
}

/// What a capture added to the archive of one topic.
package struct CaptureReport: Hashable, Sendable {
  package struct Partition: Hashable, Sendable {
    package let partition: Int32
    /// From where on it was read, up to where (exclusive).
    package let offsets: Range<Int64>
    package let records: Int64
    /// Deleted by retention before it could be read.
    package let losses: [Range<Int64>]
  }

  package let topic: String
  package let partitions: [Partition]

  package var records: Int64 { partitions.reduce(0) { $0 + $1.records } }
  package var losses: Int64 { partitions.reduce(0) { $0 + $1.losses.reduce(0) { $0 + Int64($1.count) } } }
}

package import Crypto

/// The archive of one topic, as its index was when it was opened.
package struct ArchivedTopic: Sendable {
  let store: any BlobStore
  let folder: TopicFolder
  package let index: ArchiveIndex
  /// By number, as many as the topic has partitions.
  package let partitions: [PartitionIndex]
  /// SHA-256 over `archive.json` and every `segments.json`: it changes with every capture, and a run is pinned to it.
  package let digest: SHA256Sum

  package var topic: String { index.topic }
  package var partitionCount: Int32 { index.partitionCount }
  package var records: Int64 { partitions.reduce(0) { $0 + $1.records } }
  package var contentBytes: UInt64 { partitions.reduce(0) { $0 + $1.contentBytes } }

  package func partition(_ number: Int32) throws(ArchiveError) -> PartitionIndex {
    guard number >= 0, Int(number) < partitions.count else {
      throw .noSuchPartition(topic: topic, partition: number)
    }
    return partitions[Int(number)]
  }

  /// Reads a partition from the first selected record on.
  ///
  /// - Parameter window: how many bytes are read at once. Memory is bounded by it, by the largest batch and by 32
  ///   bytes for each batch of one segment.
  package func reader(
    _ partition: Int32, _ selection: Selection = .everything, window: Int = 4 << 20
  ) throws(ArchiveError) -> PartitionReader {
    try PartitionReader(store, folder, try self.partition(partition), selection, window: window)
  }
}

package import Crypto

/// The archive of one topic, as its index was when it was opened.
package struct ArchivedTopic: Sendable {
  let store: any BlobStore
  let folder: TopicFolder
  package let index: ArchiveIndex
  /// By number, as many as the topic has partitions.
  package let partitions: [PartitionIndex]
  /// SHA-256 over what every `segments.json` says, however it is spelled: it changes with every capture that finds records.
  package let digest: SHA256Sum
  /// Of all bytes of the index.
  let fingerprint: XXH3Sum

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

extension ArchivedTopic {
  /// The archive as it was when its partitions ended at `ends`. Captures only add segments, so that this part of it stays the same while it
  /// grows, and so does its digest, which is over the segments alone.
  ///
  /// - Parameter ends: by partition, exclusive; the archive may have more partitions by now.
  /// - Returns: nil when the archive never was so: it ends before, or a segment reaches beyond.
  package func upTo(_ ends: [Int64]) throws(ArchiveError) -> ArchivedTopic? {
    guard ends.count <= partitions.count else { return nil }
    var (cut, isWhole) = ([PartitionIndex](), ends.count == partitions.count)
    for (partition, end) in zip(partitions, ends) {
      guard let part = partition.upTo(end) else { return nil }
      isWhole = isWhole && end == partition.endOffset && part.losses.count == partition.losses.count
      cut.append(part)
    }
    if isWhole { return self }
    var index = index
    index.partitionCount = Int32(ends.count)
    index.bounds = Array(index.bounds.prefix(ends.count))
    return ArchivedTopic(
      store: store, folder: folder, index: index, partitions: cut, digest: try IndexDigest.of(cut),
      fingerprint: fingerprint)
  }

  /// Whether this was opened, or cut from what was, when the index had the same bytes.
  package func isOf(sameIndexAs other: ArchivedTopic) -> Bool { fingerprint == other.fingerprint }
}

extension PartitionIndex {
  fileprivate func upTo(_ end: Int64) -> PartitionIndex? {
    guard (startOffset...endOffset).contains(end) else { return nil }
    if end == endOffset, losses.allSatisfy({ $0.lowerBound < end }) { return self }
    var part = self
    part.endOffset = end
    if let last = segments.last, last.baseOffset >= end { part.segments = segments.filter { $0.baseOffset < end } }
    part.losses = losses.filter { $0.lowerBound < end }
    return part.flaw == nil ? part : nil
  }
}

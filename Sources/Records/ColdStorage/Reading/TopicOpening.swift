import Crypto

/// A topic whose `archive.json` was read: the rest of its index is taken apart, or only looked at.
struct TopicOpening {
  private let store: any BlobStore
  private let folder: TopicFolder
  private let archive: IndexFile
  private let index: ArchiveIndex
  /// Small enough to stay in a processor's cache while it is looked at.
  private static let piece = 256 << 10

  init(_ store: any BlobStore, _ folder: TopicFolder, _ archive: IndexFile, _ index: ArchiveIndex) {
    self.store = store
    self.folder = folder
    self.archive = archive
    self.index = index
  }

  func read() throws(ArchiveError) -> ArchivedTopic {
    var digest = try IndexDigest()
    var fingerprint = try IndexFingerprint()
    fingerprint.add(archive.bytes)
    var (partitions, areAsWritten) = ([PartitionIndex](), true)
    for number in 0..<index.partitionCount {
      guard let file = try IndexFile(store, try folder.segments(number)) else { throw missing(number) }
      fingerprint.add(file.bytes)
      // What is as it would be written needn't be written for its digest.
      let written = PartitionIndex(asWritten: file.bytes)
      areAsWritten = areAsWritten && written != nil
      if areAsWritten { digest.add(number, file.bytes) }
      partitions.append(try partition(number, file, written))
    }
    let sum = areAsWritten ? try digest.finish() : try IndexDigest.of(partitions)
    return ArchivedTopic(
      store: store, folder: folder, index: index, partitions: partitions, digest: sum,
      fingerprint: fingerprint.finish())
  }

  private func partition(
    _ number: Int32, _ file: IndexFile, _ written: PartitionIndex?
  ) throws(ArchiveError) -> PartitionIndex {
    let partition: PartitionIndex
    if let written { partition = written } else { partition = try PartitionIndex(anyhow: file.bytes, file: file.file) }
    guard partition.topic == index.topic, partition.partition == number else {
      throw .index(
        file: file.file, reason: "it is of partition \(partition.partition) of topic '\(partition.topic)'")
    }
    return partition
  }

  /// As that of what `read` would give.
  func fingerprint() throws(ArchiveError) -> XXH3Sum {
    var fingerprint = try IndexFingerprint()
    fingerprint.add(archive.bytes)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 64)
    defer { buffer.deallocate() }
    for number in 0..<index.partitionCount {
      let key = try folder.segments(number)
      do {
        var size = 0
        try store.read(key, limit: IndexFile.limit, by: buffer) { bytes in
          fingerprint.add(bytes)
          size += bytes.count
        }
        fingerprint.endFile(size)
      } catch {
        if case .missing = error { throw missing(number) }
        throw .storage(error)
      }
    }
    return fingerprint.finish()
  }

  private func missing(_ number: Int32) -> ArchiveError {
    .index(file: archive.file, reason: "there is no \(number)/\(PartitionIndex.file) beside it")
  }
}

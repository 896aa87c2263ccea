/// The one writer of one topic's archive.
///
/// Order is what makes a crash harmless: segments and digests are durable before the `segments.json` that lists them,
/// and every `segments.json` before `archive.json`; each of these is replaced atomically. What a crash leaves beyond
/// an index is removed by the next writer, which goes on where the index ends.
package final class TopicArchiveWriter {
  /// As committed; nil before the first commit.
  package private(set) var index: ArchiveIndex?
  let store: any BlobStore
  let folder: TopicFolder
  private let codec: BatchCodec
  private let limits: PartitionWriter.Limits
  private let lease: any BlobLease
  private var committed: [Int32: PartitionIndex] = [:]
  private var writers: [Int32: PartitionWriter] = [:]

  /// Takes the lease (throws `leased` when another writer has it), reads what is there and removes the leftovers of a
  /// crash.
  ///
  /// - Parameter codec: zstd, lz4 or none.
  package init(
    _ store: any BlobStore, prefix: BlobKey = .root, topic: String, codec: BatchCodec = .zstd,
    limits: PartitionWriter.Limits = .init()
  ) throws(ArchiveError) {
    self.store = store
    self.codec = codec
    self.limits = limits
    let folder = try TopicFolder(topic, in: prefix)
    self.folder = folder
    let lock = try folder.lock
    lease = try store.archive { store throws(StorageError) in try store.lease(lock) }
    let files = try store.archive { store throws(StorageError) in try store.list(folder.key) }.map(\.key)
    if try store.archive({ store throws(StorageError) in try store.stat(try Self.key(folder)) }) != nil {
      let archived = try ArchiveReader(store, prefix: prefix).open(topic)
      index = archived.index
      for partition in archived.partitions { committed[partition.partition] = partition }
    } else {
      try begin(files)
    }
    try readUncounted(files)
    try removeLeftovers(files)
  }

  private static func key(_ folder: TopicFolder) throws(StorageError) -> BlobKey {
    try folder.key.appending(ArchiveIndex.file)
  }

  /// The partitions of which something is archived, by number.
  package var partitions: [PartitionIndex] { committed.values.sorted { $0.partition < $1.partition } }

  package func partition(_ number: Int32) -> PartitionIndex? { committed[number] }

  /// The partition's writer, the same one until the next commit.
  ///
  /// - Parameter startOffset: where the topic begins now, for a partition of which nothing is archived yet.
  package func writer(_ number: Int32, startOffset: Int64) throws(ArchiveError) -> PartitionWriter {
    if let writer = writers[number] { return writer }
    let index =
      committed[number]
      ?? PartitionIndex(topic: folder.topic, partition: number, startOffset: startOffset, endOffset: startOffset)
    let writer = try PartitionWriter(store, folder, index, codec, limits)
    writers[number] = writer
    return writer
  }

  /// Makes visible what the partitions' writers were given.
  ///
  /// - Parameter endOffsets: up to where, exclusive, each partition was read; markers and gaps at its end are counted
  ///   in by it.
  package func commit(_ index: ArchiveIndex, endOffsets: [Int32: Int64]) throws(ArchiveError) {
    for number in 0..<index.partitionCount {
      let writer = try writer(number, startOffset: endOffsets[number] ?? 0)
      try writer.finish(endOffset: endOffsets[number] ?? writer.resumeOffset)
    }
    try writePartitions()
    let archive = try folder.archive
    if self.index != index { try write(archive, IndexDocument.encode(index.json)) }
    self.index = index
    let incomplete = try folder.incomplete
    try store.archive { store throws(StorageError) in try store.delete(incomplete) }
  }

  /// Makes a first capture able to go on from here after a crash, while no reader can see it yet. Does nothing once
  /// the topic has an `archive.json`: then readers would see one partition grow before the others.
  package func checkpoint() throws(ArchiveError) {
    if index == nil { try writePartitions() }
  }

  private func writePartitions() throws(ArchiveError) {
    for (number, writer) in writers.sorted(by: { $0.key < $1.key }) where committed[number] != writer.index {
      let file = try folder.segments(number)
      if let flaw = writer.index.flaw { throw .index(file: store.location(of: file), reason: flaw) }
      try write(file, writer.index.encoded)
      committed[number] = writer.index
    }
  }

  private func write(_ key: BlobKey, _ bytes: [UInt8]) throws(ArchiveError) {
    try store.archive { store throws(StorageError) in try store.write(key, bytes) }
  }

  /// A first capture. Segments that lie here without an index are leftovers of ours only if a capture says that it
  /// began; others are somebody's data.
  private func begin(_ files: [BlobKey]) throws(ArchiveError) {
    let incomplete = try folder.incomplete
    if files.contains(incomplete) { return }
    guard !files.contains(where: { SegmentEntry.baseOffset(of: $0.name) != nil }) else {
      throw .notIndexed(folder: store.location(of: folder.key))
    }
    try write(incomplete, [])
  }

  /// Partitions whose `segments.json` was written by a capture that did not come to `archive.json`.
  private func readUncounted(_ files: [BlobKey]) throws(ArchiveError) {
    for key in files where key.name == PartitionIndex.file {
      guard let number = folder.partition(of: key), committed[number] == nil, let file = try IndexFile(store, key)
      else {
        continue
      }
      committed[number] = try PartitionIndex(parsing: file.bytes, file: file.file)
    }
  }

  private func removeLeftovers(_ files: [BlobKey]) throws(ArchiveError) {
    for key in files where isLeftover(key) {
      try store.archive { store throws(StorageError) in try store.delete(key) }
    }
  }

  private func isLeftover(_ key: BlobKey) -> Bool {
    if key.name.hasPrefix("."), key.name.hasSuffix(VolumeWriter.suffix) { return true }
    guard let number = folder.partition(of: key), let offset = SegmentEntry.anyOffset(of: key.name) else {
      return false
    }
    return offset >= (committed[number]?.endOffset ?? 0)
  }
}

/// Makes the index of a topic's archive anew from its segments, which are read to the last record. It deletes and
/// changes no segment.
///
/// What segments cannot tell is taken from the old index as far as that can be read: configuration, bounds, losses and
/// the type of the timestamps. Throws `damaged` at the first segment that is not whole.
package struct Reindex {
  private let store: any BlobStore
  private let folder: TopicFolder
  private let lease: any BlobLease
  private let files: [BlobKey]

  /// Takes the lease on the topic's archive.
  package init(_ store: any BlobStore, prefix: BlobKey = .root, topic: String) throws(ArchiveError) {
    self.store = store
    let folder = try TopicFolder(topic, in: prefix)
    self.folder = folder
    files = try store.archive { store throws(StorageError) in try store.list(folder.key) }.map(\.key)
    // Before the lease, which would make the folder of a topic whose name was mistyped.
    guard files.contains(where: { $0.name != ArchiveIndex.file || $0.parent == folder.key }) else {
      throw .noSuchTopic(topic: topic, at: store.location(of: prefix))
    }
    let lock = try folder.lock
    lease = try store.archive { store throws(StorageError) in try store.lease(lock) }
  }

  /// - Parameters:
  ///   - now: milliseconds of Unix time, the capture's if no older index says.
  ///   - progress: told each segment's file before it is read.
  package func run(now: Int64, progress: (String) -> Void = { _ in }) throws(ArchiveError) {
    let old = try oldIndex()
    var numbers = Set(files.compactMap { folder.partition(of: $0) })
    if let old { numbers.formUnion(0..<old.partitionCount) }
    let count = (numbers.max() ?? 0) + 1
    let scanner = try SegmentScanner()
    var bounds: [Range<Int64>] = []
    for number in 0..<count {
      let index = try partition(number, scanner, progress)
      let key = try folder.segments(number)
      if let flaw = index.flaw { throw .index(file: store.location(of: key), reason: flaw) }
      try write(key, index.encoded)
      let known = old.flatMap { Int(number) < $0.bounds.count ? $0.bounds[Int(number)] : nil }
      bounds.append(known ?? index.startOffset..<index.endOffset)
    }
    let index = ArchiveIndex(
      topic: folder.topic, topicID: old?.topicID, partitionCount: count, configuration: old?.configuration ?? [:],
      capturedAt: old?.capturedAt ?? now, bounds: bounds)
    try write(try folder.archive, IndexDocument.encode(index.json))
  }

  private func partition(
    _ number: Int32, _ scanner: SegmentScanner, _ progress: (String) -> Void
  ) throws(ArchiveError) -> PartitionIndex {
    let old = try oldPartition(number)
    let segments = files.filter { folder.partition(of: $0) == number && SegmentEntry.baseOffset(of: $0.name) != nil }
    var index = PartitionIndex(topic: folder.topic, partition: number, startOffset: 0, endOffset: 0)
    for key in segments {
      guard let offset = SegmentEntry.baseOffset(of: key.name) else { continue }
      progress(store.location(of: key))
      let type = old?.segments.first { $0.baseOffset == offset }?.timestampType
      guard let (entry, digests) = try scanner.scan(store, key, baseOffset: offset, type) else { continue }
      try write(try folder.file(entry.digestsFile, number), digests)
      index.segments.append(entry)
    }
    let first = index.segments.first?.baseOffset ?? old?.startOffset ?? 0
    index.startOffset = min(old?.startOffset ?? first, first)
    index.endOffset = max(old?.endOffset ?? index.startOffset, index.segments.last.map { $0.lastOffset + 1 } ?? 0)
    index.losses = old?.losses ?? []
    return index
  }

  private func oldIndex() throws(ArchiveError) -> ArchiveIndex? {
    guard let file = try IndexFile(store, try folder.archive) else { return nil }
    return try Self.ifReadable { () throws(ArchiveError) in try ArchiveIndex(parsing: file.bytes, file: file.file) }
  }

  private func oldPartition(_ number: Int32) throws(ArchiveError) -> PartitionIndex? {
    guard let file = try IndexFile(store, try folder.segments(number)) else { return nil }
    return try Self.ifReadable { () throws(ArchiveError) in try PartitionIndex(parsing: file.bytes, file: file.file) }
  }

  /// A damaged index is what this is for; one of a newer program is not.
  private static func ifReadable<Index>(_ parse: () throws(ArchiveError) -> Index) throws(ArchiveError) -> Index? {
    do {
      return try parse()
    } catch {
      if case .index = error { return nil }
      throw error
    }
  }

  private func write(_ key: BlobKey, _ bytes: [UInt8]) throws(ArchiveError) {
    try store.archive { store throws(StorageError) in try store.write(key, bytes) }
  }
}

/// What `verify` found.
package struct Verification: Hashable, Sendable {
  package var segments = 0
  package var records: Int64 = 0
  /// Compressed.
  package var bytes: UInt64 = 0
  /// One for each segment that is not what it should be, the first thing wrong with it.
  package var damages: [DamagedSegment] = []
  /// Segments and digests that no index lists: leftovers of a crash, or of a capture that runs now.
  package var unlisted: [String] = []

  package var isIntact: Bool { damages.isEmpty }
}

extension ArchivedTopic {
  /// Reads and opens everything, and compares it with every checksum, count and digest that is kept. Goes on after
  /// damage, to the next segment; throws only when the storage itself fails.
  ///
  /// - Parameter progress: told after each segment; false ends the verification early.
  package func verify(progress: (Verification) -> Bool = { _ in true }) throws(ArchiveError) -> Verification {
    var result = Verification()
    let scanner = try SegmentScanner()
    let buffer = try RecordBuffer.make(capacity: 4 << 20)
    for partition in partitions {
      for segment in partition.segments {
        do {
          try verify(segment, partition.partition, scanner, buffer)
          result.records += segment.records
        } catch {
          guard case .damaged(let damage) = error else { throw error }
          result.damages.append(damage)
        }
        result.segments += 1
        result.bytes += segment.size
        if !progress(result) { return result }
      }
    }
    result.unlisted = try unlisted()
    return result
  }

  private func verify(
    _ segment: SegmentEntry, _ partition: Int32, _ scanner: SegmentScanner, _ buffer: RecordBuffer
  ) throws(ArchiveError) {
    let reader = try SegmentReader(store, folder, partition, segment, .full, buffer: buffer)
    var totals = RecordTotals.empty
    while let step = try reader.next() {
      do throws(BatchError) {
        let (found, digest) = try scanner.open(step.header, step.bytes)
        guard digest == step.digest else { throw BatchError.damaged("the records' digest is not the one kept of them") }
        totals.add(found)
      } catch {
        throw step.place.failure(error, step.header.baseOffset...step.header.lastOffset)
      }
    }
    guard totals == RecordTotals(segment) else {
      throw .damaged(
        DamagedSegment(
          file: store.location(of: try folder.file(segment.file, partition)), position: 0,
          offsets: segment.baseOffset...segment.lastOffset,
          reason: "its bytes, timestamps or largest record are not what the index says"))
    }
  }

  private func unlisted() throws(ArchiveError) -> [String] {
    var listed: Set<BlobKey> = []
    for partition in partitions {
      for segment in partition.segments {
        listed.insert(try folder.file(segment.file, partition.partition))
        listed.insert(try folder.file(segment.digestsFile, partition.partition))
      }
    }
    return try store.archive { store throws(StorageError) in try store.list(folder.key) }
      .filter { SegmentEntry.anyOffset(of: $0.key.name) != nil && !listed.contains($0.key) }
      .map { store.location(of: $0.key) }
  }
}

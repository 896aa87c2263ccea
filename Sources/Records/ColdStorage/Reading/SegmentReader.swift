import Crypto

/// Walks over the batches of one segment, from its first byte to its last, and holds all of it against the index:
/// lengths, checksums, order of offsets, counts, digests and, at the end, the sum of the file.
final class SegmentReader {
  /// How much is made sure of before a segment counts as whole. Nothing but a sum of the file finds a batch whose base offset was moved within a gap.
  enum Proof {
    /// The one sum that costs least: enough against accidents.
    case quick
    /// All that the index has.
    case full
  }

  struct Step {
    let header: BatchHeader
    let bytes: UnsafeRawBufferPointer
    let digest: RecordsDigest
    let place: BatchPlace
    /// Records of the segment's batches before this one.
    let recordsBefore: Int64
  }

  private let entry: SegmentEntry
  private let window: SegmentWindow
  private let digests: [UInt8]
  private var sum = RecordsDigest.empty
  private var batches = 0
  /// No batch to come begins before it.
  private(set) var nextOffset: Int64
  private var ended = false

  init(
    _ store: any BlobStore, _ folder: TopicFolder, _ partition: Int32, _ entry: SegmentEntry, _ proof: Proof,
    buffer: RecordBuffer, window size: Int? = nil
  ) throws(ArchiveError) {
    self.entry = entry
    nextOffset = entry.baseOffset
    do throws(ArchiveError) {
      digests = try Self.digests(store, try folder.file(entry.digestsFile, partition), entry)
      window = try SegmentWindow(
        store, try folder.file(entry.file, partition), size: entry.size, offsets: entry.baseOffset...entry.lastOffset,
        sums: entry.sums(proof), buffer: buffer, window: size)
    } catch {
      throw try Self.isGone(folder, store) ? .gone(store.location(of: folder.key)) : error
    }
  }

  /// Nil after the last batch. That one is given when everything was as the index says, the sum of the file included.
  func next() throws(ArchiveError) -> Step? {
    guard !window.isAtEnd else {
      try finish()
      return nil
    }
    let position = window.position
    let header = try header(at: position)
    let offsets = header.baseOffset...header.lastOffset
    let place = BatchPlace(file: window.file, position: position)
    guard let bytes = try window.take(header.size) else {
      throw damage(position, "its last batch is cut off")
    }
    do {
      try header.check(bytes)
    } catch {
      throw place.failure(error, offsets)
    }
    guard !header.attributes.isControl else {
      throw place.failure(.unsupported("a transaction's marker stands among the records"), offsets)
    }
    let digest = try digest(of: header, position)
    let before = sum.records
    sum.append(digest)
    batches += 1
    nextOffset = header.lastOffset + 1
    // Before the last batch is given: whoever has it may be done, and never ask for more.
    if window.isAtEnd { try finish() }
    return Step(header: header, bytes: bytes, digest: digest, place: place, recordsBefore: before)
  }

  /// See `SegmentWindow.hand`.
  func hand(_ bytes: UnsafeRawBufferPointer, to slot: RecordBuffer) throws(BatchError) -> UnsafeRawBufferPointer {
    try window.hand(bytes, to: slot)
  }

  private func header(at position: UInt64) throws(ArchiveError) -> BatchHeader {
    guard let bytes = try window.peek(BatchHeader.byteCount) else {
      throw damage(position, "a batch header is cut off")
    }
    let header: BatchHeader
    do {
      header = try BatchHeader(parsing: bytes)
    } catch {
      throw damage(position, error.description)
    }
    guard header.baseOffset >= nextOffset, header.lastOffset <= entry.lastOffset else {
      throw damage(
        position, "a batch from offset \(header.baseOffset) to \(header.lastOffset) is out of order")
    }
    return header
  }

  private func digest(of header: BatchHeader, _ position: UInt64) throws(ArchiveError) -> RecordsDigest {
    guard batches < Int(entry.batches) else { throw damage(position, "it has more batches than its index says") }
    let start = batches * RecordsDigest.byteCount
    let digest = digests.withUnsafeBytes { bytes in
      RecordsDigest(
        records: Int64(header.recordCount),
        bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + RecordsDigest.byteCount)]))
    }
    guard let digest else { throw damage(position, "the digest kept of a batch is none") }
    return digest
  }

  private func finish() throws(ArchiveError) {
    guard !ended else { return }
    guard batches == Int(entry.batches), sum.records == entry.records, nextOffset == entry.lastOffset + 1 else {
      throw damage(window.position, "it ends before the records that its index counts")
    }
    guard sum == entry.digest else { throw damage(0, "its batches' digests do not make up the segment's") }
    guard let sums = try window.sums() else { throw damage(0, "one of its sums was not the one in the index") }
    if let sha256 = sums.sha256, sha256 != entry.sha256 { throw damage(0, "its SHA-256 is not the one in the index") }
    if let xxh3 = sums.xxh3, xxh3 != entry.xxh3 { throw damage(0, "its XXH3-128 is not the one in the index") }
    ended = true
  }

  private func damage(_ position: UInt64, _ reason: String) -> ArchiveError {
    let first = min(nextOffset, entry.lastOffset)
    return .damaged(
      DamagedSegment(
        file: window.file, position: position, offsets: (position == 0 ? entry.baseOffset : first)...entry.lastOffset,
        reason: reason))
  }

  /// With one file missing the segment is damaged; with all of the archive gone, more likely a volume isn't mounted.
  private static func isGone(_ folder: TopicFolder, _ store: any BlobStore) throws(ArchiveError) -> Bool {
    let index = try folder.archive
    return try store.archive { store throws(StorageError) in try store.stat(index) } == nil
  }

  private static func digests(
    _ store: any BlobStore, _ key: BlobKey, _ entry: SegmentEntry
  ) throws(ArchiveError) -> [UInt8] {
    func damage(_ position: UInt64, _ reason: String) -> ArchiveError {
      .damaged(
        DamagedSegment(
          file: store.location(of: key), position: position, offsets: entry.baseOffset...entry.lastOffset,
          reason: reason))
    }
    let size = UInt64(entry.batches).multipliedReportingOverflow(by: UInt64(RecordsDigest.byteCount)).partialValue
    let bytes: [UInt8]
    do {
      bytes = try store.read(key, limit: size)
    } catch {
      switch error {
      case .missing: throw damage(0, "it is missing")
      case .tooLarge: throw damage(size, "it is longer than the digests of \(entry.batches) batches")
      default: throw .storage(error)
      }
    }
    guard bytes.count == Int(size) else { throw damage(UInt64(bytes.count), "it is cut off") }
    guard try SHA256Sum.archived(bytes) == entry.digestsSHA256 else {
      throw damage(0, "its SHA-256 is not the one in the index")
    }
    return bytes
  }
}

extension SegmentEntry {
  fileprivate func sums(_ proof: SegmentReader.Proof) -> SegmentHash.Kind {
    guard xxh3 != nil else { return .sha256 }
    return proof == .quick ? .xxh3 : .both
  }
}

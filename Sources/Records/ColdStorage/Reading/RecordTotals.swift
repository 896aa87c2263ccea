/// What is to be known of a set of records before they are sent.
package struct RecordTotals: Hashable, Sendable {
  package static let empty = RecordTotals()

  package private(set) var records: Int64 = 0
  /// Bytes of all keys, values and headers, uncompressed.
  package private(set) var contentBytes: UInt64 = 0
  /// As `SegmentEntry.largestRecord`; 0 when there is no record.
  package private(set) var largestRecord: Int64 = 0
  /// The true minimum and maximum in milliseconds; nil when there is no record.
  package private(set) var timestamps: ClosedRange<Int64>?

  package init() {}

  init(_ entry: SegmentEntry) {
    records = entry.records
    contentBytes = entry.contentBytes
    largestRecord = entry.largestRecord
    timestamps = entry.minTimestamp...entry.maxTimestamp
  }

  package mutating func add(_ other: RecordTotals) {
    records += other.records
    contentBytes += other.contentBytes
    largestRecord = max(largestRecord, other.largestRecord)
    if let range = other.timestamps { widen(range.lowerBound, range.upperBound) }
  }

  mutating func add(timestamp: Int64, contentSize: Int, sizeAlone: Int) {
    records += 1
    contentBytes += UInt64(contentSize)
    largestRecord = max(largestRecord, Int64(sizeAlone))
    widen(timestamp, timestamp)
  }

  mutating func add(_ record: RecordView) {
    add(timestamp: record.timestamp, contentSize: record.contentSize, sizeAlone: record.sizeAlone)
  }

  private mutating func widen(_ lowest: Int64, _ highest: Int64) {
    guard let range = timestamps else {
      timestamps = lowest...highest
      return
    }
    timestamps = min(range.lowerBound, lowest)...max(range.upperBound, highest)
  }
}

extension ArchivedTopic {
  /// What a selection of one partition holds: from the index where a segment is wanted whole, else by opening the
  /// segment.
  package func totals(_ partition: Int32, _ selection: Selection = .everything) throws(ArchiveError) -> RecordTotals {
    var totals = RecordTotals.empty
    let cut = try cutSegments(partition, selection) { entry in
      totals.add(RecordTotals(entry))
      return true
    }
    try read(cut, selection) { totals.add($0) }
    return totals
  }

  /// The first and the last timestamp, in milliseconds, of those records of a selection that have one (−1: none); nil when none has. Opens, of the
  /// segments that are wanted whole, those that hold both kinds.
  package func timestamps(
    _ partition: Int32, _ selection: Selection = .everything
  ) throws(ArchiveError) -> ClosedRange<Int64>? {
    var totals = RecordTotals.empty
    let cut = try cutSegments(partition, selection) { entry in
      guard entry.minTimestamp < 0 else {
        totals.add(RecordTotals(entry))
        return true
      }
      return entry.maxTimestamp < 0
    }
    try read(cut, selection) { if $0.timestamp >= 0 { totals.add($0) } }
    return totals.timestamps
  }

  /// The partition with those segments only that a selection cuts, or that are wanted whole and `told` doesn't take from the index.
  private func cutSegments(
    _ partition: Int32, _ selection: Selection, told: (SegmentEntry) -> Bool
  ) throws(ArchiveError) -> PartitionIndex {
    let index = try self.partition(partition)
    var cut = index
    cut.segments = index.segments.filter { segment in
      switch selection.verdict(of: segment.extent) {
      case .whole: !told(segment)
      case .someRecords: true
      case .none: false
      }
    }
    return cut
  }

  private func read(
    _ cut: PartitionIndex, _ selection: Selection, _ body: (RecordView) -> Void
  ) throws(ArchiveError) {
    guard !cut.segments.isEmpty else { return }
    let reader = try PartitionReader(store, folder, cut, selection, window: 4 << 20)
    let inflater = try BatchInflater()
    let slot = try RecordBuffer.make()
    while let batch = try reader.next() {
      try inflater.inflate(batch, into: slot)
      do {
        var records = batch.records(slot)
        while let record = try records.next() { body(record) }
      } catch {
        throw batch.failure(error)
      }
    }
  }
}

extension RecordBuffer {
  static func make(capacity: Int = 2 << 20) throws(ArchiveError) -> RecordBuffer {
    do {
      return try RecordBuffer(capacity: capacity)
    } catch {
      throw .batch(error)
    }
  }
}

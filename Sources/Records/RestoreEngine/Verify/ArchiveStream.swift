import ColdStorage
import RestoreModel

/// The records that a run sent of one partition, as it sent them, read from the archive again.
struct ArchiveStream: FingerprintStream {
  private let reader: PartitionReader
  private let inflater: BatchInflater
  private let slot: RecordBuffer
  private let digester: SentRecordDigester
  private let changes: RecordChanges
  private let selection: Selection
  private let ignoresTimestamps: Bool
  private var schemas = SchemaCounts()
  private var batch: StoredBatch?
  private var cursor: RecordCursor?

  init(
    _ topic: SelectedTopic, _ range: ExpectedRange, _ changes: RecordChanges, ignoresTimestamps: Bool
  ) throws {
    guard let partition = topic.partitions.first(where: { $0.number == range.partition }) else {
      throw ArchiveError.noSuchPartition(topic: topic.archive.topic, partition: range.partition)
    }
    var selection = partition.selection
    // What was archived since then was not sent.
    selection.untilOffset = min(selection.untilOffset ?? .max, range.position.nextOffset)
    self.selection = selection
    reader = try topic.archive.reader(range.partition, selection)
    inflater = try BatchInflater()
    slot = try RecordBuffer()
    digester = try SentRecordDigester(changes)
    self.changes = changes
    self.ignoresTimestamps = ignoresTimestamps
  }

  mutating func next() throws -> Fingerprint? {
    while true {
      do {
        while let record = try cursor?.next() {
          if let fingerprint = try fingerprint(record) { return fingerprint }
        }
      } catch let error as BatchError {
        throw batch?.failure(error) ?? .batch(error)
      }
      guard let next = try reader.next() else { return nil }
      try inflater.inflate(next, into: slot)
      batch = next
      cursor = RecordCursor(next.header, records: slot.bytes)
    }
  }

  /// Nil for a record that was not sent.
  private mutating func fingerprint(_ record: RecordView) throws -> Fingerprint? {
    guard RecordVerdict(record, selection) == .selected else { return nil }
    if changes.readsSchemaIDs, try SchemaIDs.map(record, changes, &schemas) == .skip { return nil }
    var fingerprint = Fingerprint(
      content: try content(record, record.timestamp), offset: record.offset,
      key: record.key.map { Digest(ofRecord: $0) }, isTombstone: record.value == nil)
    // As it is in a stored batch that went on unopened; record by record it was the nearest, or nothing.
    if record.timestamp == 0, !ignoresTimestamps, changes.onZeroTimestamp == .nearest {
      fingerprint.alternative = try content(record, RecordChanges.nearestToZero)
    }
    return fingerprint
  }

  private func content(_ record: RecordView, _ timestamp: Int64) throws -> Fingerprint.Content {
    let digest = try digester.digest(record, timestamp: timestamp)
    return .init(timestamps: ignoresTimestamps ? .empty : digest.timestamps, rest: digest.rest)
  }
}

import ColdStorage
import RestoreModel

/// One entry of `config.topics` with the archive it is restored from.
struct SelectedTopic: Sendable {
  let mapping: TopicMapping
  let archive: ArchivedTopic
  /// By number. Those of the mapping that the archive doesn't have are in `missing`.
  let partitions: [SelectedPartition]
  let missing: [Int32]

  var target: TopicName { mapping.target }

  init(_ mapping: TopicMapping, _ archive: ArchivedTopic, _ config: RestoreConfig) {
    self.mapping = mapping
    self.archive = archive
    let bounds = config.timeBounds
    let wanted =
      mapping.partitions ?? (0..<archive.partitionCount).map { PartitionSelection(number: $0) }
    let existing = 0..<archive.partitionCount
    missing = wanted.map(\.number).filter { !existing.contains($0) }.sorted()
    partitions = wanted.filter { existing.contains($0.number) }.sorted { $0.number < $1.number }.map { wanted in
      SelectedPartition(
        wanted, archive.partitions[Int(wanted.number)], from: bounds.from?.milliseconds,
        until: bounds.until?.milliseconds)
    }
  }

  /// Bytes of the largest record as a batch of its own, uncompressed, with what the Restore adds to it. Of all segments that may hold a
  /// selected record.
  func largestRecord(_ config: RestoreConfig) -> Int64 {
    let largest = partitions.lazy.flatMap { $0.segments }.map(\.largestRecord).max() ?? 0
    return largest > 0 ? largest + addedBytes(config) : 0
  }

  /// What the Restore adds to a record at most, in bytes: name, up to 19 digits, and lengths of five bytes each, as for the record's own
  /// length and the count of headers.
  func addedBytes(_ config: RestoreConfig) -> Int64 {
    config.legacyOffsetHeader.map { Int64($0.utf8.count) + 19 + 20 } ?? 0
  }
}

struct SelectedPartition: Sendable {
  let number: Int32
  let index: PartitionIndex
  let selection: Selection
  /// Source offsets that the run has to look at: from the first one selected up to, not including, the last one.
  let offsets: Range<Int64>

  init(_ wanted: PartitionSelection, _ index: PartitionIndex, from: Int64?, until: Int64?) {
    number = wanted.number
    self.index = index
    let end = min(index.endOffset, max(0, wanted.restoreUntilOffset ?? index.endOffset))
    let start = min(max(index.startOffset, wanted.restoreFromOffset ?? index.startOffset), max(end, 0))
    offsets = start..<max(start, end)
    selection = Selection(
      fromOffset: offsets.lowerBound, untilOffset: offsets.upperBound, fromTimestamp: from, untilTimestamp: until)
  }

  /// Those that may hold a selected record.
  var segments: some Sequence<SegmentEntry> {
    index.segments.lazy.filter { [selection] in selection.verdict(of: $0.extent) != .none }
  }

  /// Without the time bounds: what the run has to look at.
  var offsetSelection: Selection { Selection(fromOffset: offsets.lowerBound, untilOffset: offsets.upperBound) }

  /// The same selection, of what comes at or after `offset`.
  func selection(from offset: Int64) -> Selection {
    var rest = selection
    rest.fromOffset = max(offset, offsets.lowerBound)
    return rest
  }
}

/// `segments.json`: what is archived of one partition.
package struct PartitionIndex: Hashable, Sendable {
  package static let file = "segments.json"
  package static let version: Int64 = 1

  package var topic: String
  package var partition: Int32
  /// Where the topic began when it was first captured.
  package var startOffset: Int64
  /// Exclusive: every committed record between start and end that the topic still had when it was captured is here,
  /// less `losses`. Where the next capture goes on.
  package var endOffset: Int64
  /// What retention deleted before a later capture could read it, in order.
  package var losses: [Range<Int64>] = []
  /// In offset order.
  package var segments: [SegmentEntry] = []

  package init(topic: String, partition: Int32, startOffset: Int64, endOffset: Int64) {
    self.topic = topic
    self.partition = partition
    self.startOffset = startOffset
    self.endOffset = endOffset
  }

  package var records: Int64 { segments.reduce(0) { $0 + $1.records } }
  package var contentBytes: UInt64 { segments.reduce(0) { $0 + $1.contentBytes } }
  /// Nil when there is no record. As `SegmentEntry.largestRecord`.
  package var largestRecord: Int64? { segments.map(\.largestRecord).max() }
  /// Nil when there is no record.
  package var minTimestamp: Int64? { segments.map(\.minTimestamp).min() }
  /// Nil when there is no record.
  package var maxTimestamp: Int64? { segments.map(\.maxTimestamp).max() }

  package var digest: RecordsDigest {
    var digest = RecordsDigest.empty
    for segment in segments { digest.append(segment.digest) }
    return digest
  }

  /// What is wrong with it, if anything: readers rely on order and ranges.
  var flaw: String? {
    guard startOffset >= 0, endOffset >= startOffset else {
      return "its offsets run from \(startOffset) to \(endOffset)"
    }
    var next = startOffset
    for segment in segments {
      guard segment.baseOffset >= next, segment.lastOffset >= segment.baseOffset, segment.lastOffset < endOffset else {
        return "the offsets of \(segment.file) do not fit between its neighbours"
      }
      // In this order nothing overflows.
      guard segment.records > 0, segment.records - 1 <= segment.lastOffset - segment.baseOffset else {
        return "\(segment.file) has \(segment.records) records from \(segment.baseOffset) to \(segment.lastOffset)"
      }
      guard segment.minTimestamp <= segment.maxTimestamp, segment.batches > 0 else {
        return "the numbers of \(segment.file) contradict each other"
      }
      next = segment.lastOffset + 1
    }
    return nil
  }
}

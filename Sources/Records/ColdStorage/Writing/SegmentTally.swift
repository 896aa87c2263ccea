import Crypto

/// Gathers what `segments.json` says of a segment, batch by batch, and the bytes of its `.digests` file.
struct SegmentTally {
  private(set) var digests: [UInt8] = []
  private(set) var size: UInt64 = 0
  private(set) var batches: Int64 = 0
  private var totals = RecordTotals.empty
  private var digest = RecordsDigest.empty
  private var offsets: ClosedRange<Int64>?
  private var largestBatch = 0

  var isEmpty: Bool { batches == 0 }
  var lastOffset: Int64? { offsets?.upperBound }

  mutating func add(_ header: BatchHeader, _ batch: RecordTotals, _ sum: RecordsDigest) {
    offsets = (offsets?.lowerBound ?? header.baseOffset)...header.lastOffset
    size += UInt64(header.size)
    batches += 1
    largestBatch = max(largestBatch, header.size)
    totals.add(batch)
    digest.append(sum)
    for part in [sum.timestamps, sum.rest] { withUnsafeBytes(of: part.value.bigEndian) { digests += $0 } }
  }

  /// Nil when there is no record.
  ///
  /// - Parameter sums: both.
  func entry(_ type: TimestampKind, _ sums: SegmentHash.Sums, digestsSHA256: SHA256Sum) -> SegmentEntry? {
    guard let offsets, let timestamps = totals.timestamps, let sha256 = sums.sha256 else { return nil }
    return SegmentEntry(
      baseOffset: offsets.lowerBound, lastOffset: offsets.upperBound, size: size, timestampType: type,
      minTimestamp: timestamps.lowerBound, maxTimestamp: timestamps.upperBound, batches: batches,
      contentBytes: totals.contentBytes, largestRecord: totals.largestRecord, largestBatch: Int64(largestBatch),
      digest: digest, sha256: sha256, xxh3: sums.xxh3, digestsSHA256: digestsSHA256)
  }
}

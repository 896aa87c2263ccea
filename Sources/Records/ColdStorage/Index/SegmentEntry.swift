package import Crypto

/// What `segments.json` says of one segment. Segments never change once they are listed.
package struct SegmentEntry: Hashable, Sendable {
  /// The first record's offset, and the file's name in 20 digits.
  package var baseOffset: Int64
  /// The last record's offset.
  package var lastOffset: Int64
  /// Bytes of the file.
  package var size: UInt64
  package var timestampType: TimestampKind
  /// The true minimum, in milliseconds: timestamps need not be ordered.
  package var minTimestamp: Int64
  /// The true maximum, in milliseconds.
  package var maxTimestamp: Int64
  package var batches: Int64
  /// Bytes of all keys, values and headers, uncompressed.
  package var contentBytes: UInt64
  /// The size in bytes of an uncompressed batch that holds just the largest record: what a target's
  /// `max.message.bytes` must allow.
  package var largestRecord: Int64
  /// The size in bytes of the largest batch as stored.
  package var largestBatch: Int64
  /// With the number of records.
  package var digest: RecordsDigest
  /// Of the segment's file.
  package var sha256: SHA256Sum
  /// Of the segment's file. Nil in indexes that were written before there was this.
  package var xxh3: XXH3Sum?
  /// Of the `.digests` file.
  package var digestsSHA256: SHA256Sum

  package var records: Int64 { digest.records }

  package var file: String { Self.file(baseOffset) }
  package var digestsFile: String { Self.digestsFile(baseOffset) }

  static let suffix = ".log"
  static let digestsSuffix = ".digests"

  static func file(_ baseOffset: Int64) -> String { name(baseOffset) + suffix }
  static func digestsFile(_ baseOffset: Int64) -> String { name(baseOffset) + digestsSuffix }

  /// The offset in a segment's file name; nil for every other file.
  static func baseOffset(of file: some StringProtocol) -> Int64? {
    guard file.hasSuffix(suffix), let offset = Int64(file.dropLast(suffix.count)), Self.file(offset) == String(file)
    else {
      return nil
    }
    return offset
  }

  /// The offset in the name of a segment or of its digests.
  static func anyOffset(of file: String) -> Int64? {
    guard file.hasSuffix(digestsSuffix) else { return baseOffset(of: file) }
    return baseOffset(of: file.dropLast(digestsSuffix.count) + suffix)
  }

  private static func name(_ baseOffset: Int64) -> String {
    let digits = String(baseOffset)
    return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits
  }

  package var extent: Selection.Extent {
    Selection.Extent(
      baseOffset: baseOffset, lastOffset: lastOffset, minTimestamp: minTimestamp, maxTimestamp: maxTimestamp)
  }
}

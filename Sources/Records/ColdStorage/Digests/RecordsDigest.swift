/// A sequence of records in two digests, one of the timestamps and one of the rest, since where the broker sets the
/// timestamps only the rest can be compared. The number of records belongs to it, as composition needs it.
package struct RecordsDigest: Hashable, Sendable {
  package static let empty = RecordsDigest(records: 0, timestamps: .empty, rest: .empty)
  /// In a `.digests` file.
  package static let byteCount = 32

  package var records: Int64
  package var timestamps: Digest
  package var rest: Digest

  package init(records: Int64, timestamps: Digest, rest: Digest) {
    self.records = records
    self.timestamps = timestamps
    self.rest = rest
  }

  package mutating func append(_ other: RecordsDigest) {
    timestamps = timestamps.followed(by: other.timestamps, records: other.records)
    rest = rest.followed(by: other.rest, records: other.records)
    records += other.records
  }

  /// The two digests from 32 bytes, big-endian; nil when they are no digests.
  init?(records: Int64, bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.byteCount else { return nil }
    let timestamps = UInt128(bigEndianAt: 0, in: bytes)
    let rest = UInt128(bigEndianAt: 16, in: bytes)
    guard timestamps < Digest.modulus, rest < Digest.modulus else { return nil }
    self.init(records: records, timestamps: Digest(value: timestamps), rest: Digest(value: rest))
  }
}

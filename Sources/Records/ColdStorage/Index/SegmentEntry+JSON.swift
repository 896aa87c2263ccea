import Crypto
import JSON

extension SegmentEntry {
  // Far more than a segment holds, and so little that no sum over an index overflows.
  static let natural: ClosedRange<Int64> = 0...(1 << 40)
  static let batchCounts: ClosedRange<Int64> = 0...(1 << 32)
  static let offsets: ClosedRange<Int64> = 0...(.max - 1)

  init?(reading fields: inout ObjectReader) {
    let file = fields.parsed("file") { (name) throws(FieldProblem) -> Int64 in
      guard let offset = SegmentEntry.baseOffset(of: name) else { throw FieldProblem("must be 20 digits and .log") }
      return offset
    }
    let size = fields.int("size", in: Self.natural)
    let type: TimestampKind? = fields.choice("timestampType")
    let base = fields.int("baseOffset", in: Self.offsets)
    let last = fields.int("lastOffset", in: Self.offsets)
    let minimum = fields.int("minTimestamp")
    let maximum = fields.int("maxTimestamp")
    let records = fields.int("records", in: Self.natural)
    let batches = fields.int("batches", in: Self.batchCounts)
    let content = fields.int("contentBytes", in: Self.natural)
    let largestRecord = fields.int("largestRecord", in: Self.natural)
    let largestBatch = fields.int("largestBatch", in: Self.natural)
    let digests = fields.object("digest") { fields -> (Digest, Digest)? in
      let timestamps = fields.parsed("timestamps", Self.digest)
      let rest = fields.parsed("rest", Self.digest)
      fields.finish()
      guard let timestamps, let rest else { return nil }
      return (timestamps, rest)
    }
    let sum = fields.parsed("sha256", Self.sum)
    let fastSum = fields.optionalParsed("xxh3", Self.fastSum)
    let digestsSum = fields.parsed("digestsSha256", Self.sum)
    fields.finish()
    guard let file, let size, let type, let base, let last, let minimum, let maximum, let records, let batches,
      let content, let largestRecord, let largestBatch, let digests, let sum, let digestsSum
    else { return nil }
    guard file == base else {
      fields.reject("file", "must be the base offset in 20 digits and .log")
      return nil
    }
    self.init(
      baseOffset: base, lastOffset: last, size: UInt64(size), timestampType: type, minTimestamp: minimum,
      maxTimestamp: maximum, batches: batches, contentBytes: UInt64(content), largestRecord: largestRecord,
      largestBatch: largestBatch,
      digest: RecordsDigest(records: records, timestamps: digests.0, rest: digests.1), sha256: sum,
      xxh3: fastSum, digestsSHA256: digestsSum)
  }

  private static func digest(_ text: String) throws(FieldProblem) -> Digest {
    guard let digest = Digest(hex: text) else {
      throw FieldProblem("must be a digest: 32 lower-case hexadecimal digits")
    }
    return digest
  }

  private static func sum(_ text: String) throws(FieldProblem) -> SHA256Sum {
    guard let sum = SHA256Sum(hex: text) else { throw FieldProblem("must be 64 lower-case hexadecimal digits") }
    return sum
  }

  private static func fastSum(_ text: String) throws(FieldProblem) -> XXH3Sum {
    guard let sum = XXH3Sum(hex: text) else { throw FieldProblem("must be 32 lower-case hexadecimal digits") }
    return sum
  }
}

import Crypto
import JSON

extension PartitionIndex {
  var json: JSONValue {
    .object([
      "formatVersion": .int(Self.version), "topic": .string(topic), "partition": .int(Int64(partition)),
      "startOffset": .int(startOffset), "endOffset": .int(endOffset), "losses": .array(losses.map(\.json)),
      "segments": .array(segments.map(\.json)),
    ])
  }

  /// - Parameter file: for messages.
  init(parsing bytes: [UInt8], file: String) throws(ArchiveError) {
    self = try IndexDocument.decode(bytes, file: file, version: Self.version) { fields in
      let topic = fields.string("topic")
      let partition = fields.int("partition", in: 0...Int64(Int32.max))
      let start = fields.int("startOffset", in: 0 ... .max)
      let end = fields.int("endOffset", in: 0 ... .max)
      let losses = fields.objects("losses") { Range(reading: &$0) }
      let segments = fields.objects("segments") { SegmentEntry(reading: &$0) }
      guard let topic, let partition, let start, let end, let losses, let segments else { return nil }
      var index = PartitionIndex(topic: topic, partition: Int32(partition), startOffset: start, endOffset: end)
      index.losses = losses
      index.segments = segments
      return index
    }
    if let flaw { throw .index(file: file, reason: flaw) }
  }
}

extension SegmentEntry {
  var json: JSONValue {
    .object([
      "file": .string(file), "size": .int(Int64(clamping: size)), "timestampType": .string(timestampType.rawValue),
      "baseOffset": .int(baseOffset), "lastOffset": .int(lastOffset), "minTimestamp": .int(minTimestamp),
      "maxTimestamp": .int(maxTimestamp), "records": .int(records), "batches": .int(batches),
      "contentBytes": .int(Int64(clamping: contentBytes)), "largestRecord": .int(largestRecord),
      "largestBatch": .int(largestBatch),
      "digest": .object(["timestamps": .string(digest.timestamps.hex), "rest": .string(digest.rest.hex)]),
      "sha256": .string(sha256.hex), "digestsSha256": .string(digestsSHA256.hex),
    ])
  }

  fileprivate init?(reading fields: inout ObjectReader) {
    // Far more than a segment holds, and so little that no sum over an index overflows.
    let natural: ClosedRange<Int64> = 0...(1 << 40)
    let file = fields.parsed("file") { (name) throws(FieldProblem) -> Int64 in
      guard let offset = SegmentEntry.baseOffset(of: name) else { throw FieldProblem("must be 20 digits and .log") }
      return offset
    }
    let size = fields.int("size", in: natural)
    let type: TimestampKind? = fields.choice("timestampType")
    let base = fields.int("baseOffset", in: 0...(.max - 1))
    let last = fields.int("lastOffset", in: 0...(.max - 1))
    let minimum = fields.int("minTimestamp")
    let maximum = fields.int("maxTimestamp")
    let records = fields.int("records", in: natural)
    let batches = fields.int("batches", in: 0...(1 << 32))
    let content = fields.int("contentBytes", in: natural)
    let largestRecord = fields.int("largestRecord", in: natural)
    let largestBatch = fields.int("largestBatch", in: natural)
    let digests = fields.object("digest") { fields -> (Digest, Digest)? in
      let timestamps = fields.parsed("timestamps", Self.digest)
      let rest = fields.parsed("rest", Self.digest)
      fields.finish()
      guard let timestamps, let rest else { return nil }
      return (timestamps, rest)
    }
    let sum = fields.parsed("sha256", Self.sum)
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
      digestsSHA256: digestsSum)
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
}

extension Range<Int64> {
  var json: JSONValue { .object(["from": .int(lowerBound), "until": .int(upperBound)]) }

  init?(reading fields: inout ObjectReader) {
    let from = fields.int("from", in: 0 ... .max)
    let until = fields.int("until", in: 0 ... .max)
    fields.finish()
    guard let from, let until else { return nil }
    guard from <= until else {
      fields.reject("until", "must not be less than from")
      return nil
    }
    self = from..<until
  }
}

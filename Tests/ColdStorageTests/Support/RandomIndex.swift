import Crypto
import Seeded

@testable import ColdStorage

extension PartitionIndex {
  private static let topics = ["orders", "a.b-c_D", "", "\"\\\u{7}é\u{1F600}"]

  /// - Parameters:
  ///   - place: of which topic and partition; nil: any.
  ///   - mostDigits: of its offsets; more than 18 are beyond the integers of which our own reader knows.
  static func random(
    _ generator: inout SeededGenerator, segments count: Int, of place: (topic: String, partition: Int32)? = nil,
    mostDigits: Int = 19
  ) throws -> PartitionIndex {
    var offset = Int64.random(in: 0...9, using: &generator)
    let (topic, partition) = (topics.randomElement(using: &generator) ?? "", Int32.random(in: 0...9, using: &generator))
    var index = PartitionIndex(
      topic: place?.topic ?? topic, partition: place?.partition ?? partition, startOffset: offset, endOffset: 0)
    if Bool.random(using: &generator) { index.losses = [offset..<offset + 1, offset + 1..<offset + 1] }
    for _ in 0..<count {
      let records = Int64.random(in: 1...50, using: &generator)
      let timestamp = Int64.random(in: -1...1 << 41, using: &generator)
      let (sum, other) = (generator.bytes(32), generator.bytes(32))
      index.segments.append(
        SegmentEntry(
          baseOffset: offset, lastOffset: offset + records - 1, size: .random(in: 0...1 << 40, using: &generator),
          timestampType: TimestampKind.allCases.randomElement(using: &generator) ?? .none, minTimestamp: timestamp,
          maxTimestamp: timestamp + .random(in: 0...9, using: &generator), batches: 1, contentBytes: 7,
          largestRecord: 3, largestBatch: 1 << 40,
          digest: RecordsDigest(
            records: records, timestamps: Digest(value: UInt128.random(in: 0..<Digest.modulus, using: &generator)),
            rest: Digest(value: 0)), sha256: try SHA256Sum.of(sum),
          xxh3: Int.random(in: 0..<4, using: &generator) == 0 ? nil : XXH3Sum(hex: Hex.encode(generator.bytes(16))),
          digestsSHA256: try SHA256Sum.of(other)))
      let gap = mostDigits > 18 && Int.random(in: 0..<20, using: &generator) == 0 ? Int64(1) << 60 : 1
      offset += records + (offset < 1 << 59 ? gap : 1)
    }
    index.endOffset = offset
    return index
  }
}

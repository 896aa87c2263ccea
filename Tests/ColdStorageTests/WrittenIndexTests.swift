import JSON
import Seeded
import Testing

@testable import ColdStorage
import Crypto

/// What we write ourselves is read by a way of its own. It must never read anything otherwise than the way for any document does.
@Suite("Indexes as they are written") struct WrittenIndexTests {
  private func read(_ bytes: [UInt8]) -> Result<PartitionIndex, ArchiveError> {
    Result { () throws(ArchiveError) in try PartitionIndex(parsing: bytes, file: "f") }
  }

  private func readByJansson(_ bytes: [UInt8]) -> Result<PartitionIndex, ArchiveError> {
    Result { () throws(ArchiveError) in
      let value: JSONValue
      do throws(JSONParseError) { value = try JSONValue.parse(bytes, root: .container) } catch {
        throw .index(file: "f", reason: error.description)
      }
      return try PartitionIndex(JSONDocument(value), file: "f")
    }
  }

  @Test("An index is written as jansson writes it, and read back as it was", arguments: 0..<60 as Range<UInt64>)
  func written(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let index = try PartitionIndex.random(&generator, segments: Int(seed) % 12)
    let bytes = index.encoded
    #expect(bytes == IndexDocument.encode(try JSONValue.parse(bytes)), "seed \(seed)")
    #expect(read(bytes) == .success(index) && readByJansson(bytes) == .success(index), "seed \(seed)")
    // Integers of more than 18 digits are left to jansson.
    let isPlain = index.endOffset < 1 << 59
    #expect(PartitionIndex(asWritten: bytes) == (isPlain ? index : nil), "seed \(seed)")
    #expect(PartitionIndex(asWritten: bytes + Array("\n".utf8)) == nil, "seed \(seed)")
    #expect(PartitionIndex(asWritten: try JSONValue.parse(bytes).serialized(.compact)) == nil, "seed \(seed)")
  }

  /// A run is pinned to the digest of these bytes, by whatever version planned it.
  @Test(
    "What an index is written as stays the same for ever, without the fast sum and with it",
    arguments: [nil, "99aa06d3014798d86001c324468d497f"])
  func golden(fastSum: String?) throws {
    let digest = RecordsDigest(records: 2, timestamps: Digest(value: 1), rest: Digest(value: Digest.modulus - 1))
    var index = PartitionIndex(topic: "orders", partition: 3, startOffset: 5, endOffset: 20)
    index.losses = [7..<9]
    index.segments = [
      SegmentEntry(
        baseOffset: 10, lastOffset: 12, size: 300, timestampType: .logAppendTime, minTimestamp: -1, maxTimestamp: 44,
        batches: 1, contentBytes: 17, largestRecord: 80, largestBatch: 90, digest: digest,
        sha256: try SHA256Sum.of([]), xxh3: fastSum.flatMap { XXH3Sum(hex: $0) }, digestsSHA256: try SHA256Sum.of([1]))
    ]
    let added = fastSum == nil ? "" : "\n      \"xxh3\": \"99aa06d3014798d86001c324468d497f\","
    let text = """
      {
        "formatVersion": 1,
        "topic": "orders",
        "partition": 3,
        "startOffset": 5,
        "endOffset": 20,
        "losses": [
          {
            "from": 7,
            "until": 9
          }
        ],
        "segments": [
          {
            "file": "00000000000000000010.log",
            "size": 300,
            "timestampType": "LogAppendTime",
            "baseOffset": 10,
            "lastOffset": 12,
            "minTimestamp": -1,
            "maxTimestamp": 44,
            "records": 2,
            "batches": 1,
            "contentBytes": 17,
            "largestRecord": 80,
            "largestBatch": 90,
            "digest": {
              "timestamps": "00000000000000000000000000000001",
              "rest": "7ffffffffffffffffffffffffffffffe"
            },
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",\(added)
            "digestsSha256": "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"
          }
        ]
      }

      """
    #expect(String(decoding: index.encoded, as: UTF8.self) == text)
    #expect(read(Array(text.utf8)) == .success(index) && readByJansson(Array(text.utf8)) == .success(index))
  }

  @Test("A damaged index is read or refused, and why, as jansson has it", arguments: 0..<40 as Range<UInt64>)
  func damaged(seed: UInt64) throws {
    var generator = SeededGenerator(seed &+ 500)
    let whole = try PartitionIndex.random(&generator, segments: 3).encoded
    for _ in 0..<60 {
      var bytes = whole
      for _ in 0...Int.random(in: 0...2, using: &generator) {
        let position = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[position] = Array("\"{}[]:,-0129afAF eu\\".utf8).randomElement(using: &generator) ?? 0
        case 2: bytes.removeSubrange(position...)
        case 3: bytes.insert(contentsOf: generator.bytes(2), at: position)
        case 4: swapLines(&bytes, &generator)
        default: bytes.remove(at: position)
        }
        if bytes.isEmpty { break }
      }
      #expect(read(bytes) == readByJansson(bytes), "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
      // Its bytes are taken for those that would be written, and a run is pinned to their digest.
      if let written = PartitionIndex(asWritten: bytes) { #expect(written.encoded == bytes, "seed \(seed)") }
    }
  }

  private func swapLines(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let (one, other) = (
      Int.random(in: 0..<lines.count, using: &generator), Int.random(in: 0..<lines.count, using: &generator)
    )
    lines.swapAt(one, other)
    bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  @Test(
    "A field's wrong value is refused alike",
    arguments: [
      "file": ["00000000000000000001.log", "0.log", "00000000000000000010.LOG", "+0000000000000000010.log", ""],
      "size": ["-1", "1099511627777", "1099511627776", "1.0", "null", "\"1\"", "99999999999999999999"],
      "timestampType": ["\"createTime\"", "\"\"", "1"], "baseOffset": ["-10", "9223372036854775807", "11"],
      "lastOffset": ["-1", "9", "9223372036854775807", "null"], "batches": ["0", "4294967297", "4294967296"],
      "records": ["0", "1099511627777", "4"], "contentBytes": ["-1", "1099511627777"],
      "largestRecord": ["-1", "1099511627777"], "largestBatch": ["-1", "1099511627777"],
      "maxTimestamp": ["-2", "true"], "surprise": ["1", "null"],
      "digest": [
        "{}", "[]", "null", "\"\"",
        #"{"timestamps": "00000000000000000000000000000001", "rest": "00000000000000000000000000000002", "more": 1}"#,
        #"{"timestamps": "00000000000000000000000000000001", "rest": "7fffffffffffffffffffffffffffffff"}"#,
      ],
      "sha256": ["\"\"", "\"E3\"", "null", "1"],
      "xxh3": [
        "\"\"", "\"99AA06D3014798D86001C324468D497F\"", "null", "1", "{}", "\"99aa06d3014798d86001c324468d497\"",
        "\"99aa06d3014798d86001c324468d497f0\"", "\"\\u00399aa06d3014798d86001c324468d497f\"",
      ],
    ] as [String: [String]])
  func fields(name: String, values: [String]) throws {
    var index = PartitionIndex(topic: "orders", partition: 0, startOffset: 0, endOffset: 30)
    index.segments = [
      SegmentEntry(
        baseOffset: 10, lastOffset: 12, size: 300, timestampType: .createTime, minTimestamp: -1, maxTimestamp: 44,
        batches: 1, contentBytes: 17, largestRecord: 80, largestBatch: 90,
        digest: RecordsDigest(records: 2, timestamps: Digest(value: 1), rest: Digest(value: 2)),
        sha256: try SHA256Sum.of([]), xxh3: XXH3Sum(hex: "99aa06d3014798d86001c324468d497f"),
        digestsSHA256: try SHA256Sum.of([1]))
    ]
    let document = try JSONValue.parse(index.encoded)
    var segment = try #require(document["segments"]?[0]?.object)
    for value in values {
      segment[name] = .string("HERE")
      var changed = try #require(document.object)
      changed["segments"] = .array([.object(segment)])
      let text = JSONValue.object(changed).text(.pretty)
      let quoted = name == "file" ? "\"\(value)\"" : value
      let bytes = Array(text.split(separator: "\"HERE\"", maxSplits: 1).joined(separator: quoted).utf8)
      #expect(read(bytes) == readByJansson(bytes), "\(name): \(value)")
    }
  }
}

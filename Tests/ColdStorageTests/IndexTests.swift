import JSON
import Testing

@testable import ColdStorage
import Seeded

@Suite struct IndexTests {
  private func partition() throws -> PartitionIndex {
    var generator = SeededGenerator(51)
    let archive = try TestArchive(
      TestRecord.random(200, using: &generator), limits: .init(segmentBytes: 3_000, batchBytes: 800))
    var index = try archive.open().partition(0)
    index.losses = [3..<3, 5..<9]
    return index
  }

  @Test("What is written is what is read")
  func roundTrip() throws {
    let partition = try partition()
    #expect(try PartitionIndex(parsing: partition.encoded, file: "f") == partition)
    let archive = ArchiveIndex(
      topic: "orders", topicID: "abc", partitionCount: 2, configuration: ["b": "2", "a": ""], capturedAt: -1,
      bounds: [0..<0, 3..<9])
    #expect(try ArchiveIndex(parsing: IndexDocument.encode(archive.json), file: "f") == archive)
  }

  @Test("Every field but the fast sum is needed, and none may be unknown")
  func fields() throws {
    let document = try #require(JSONValue.parse(try partition().encoded).object)
    func refuse(_ change: (inout JSONObject) -> Void) {
      var changed = document
      change(&changed)
      #expect(throws: ArchiveError.self) {
        try PartitionIndex(parsing: IndexDocument.encode(.object(changed)), file: "f")
      }
    }
    for key in document.keys { refuse { $0.remove(key) } }
    refuse { $0["surprise"] = .int(1) }
    let segment = try #require(document["segments"]?[0]?.object)
    for key in segment.keys {
      var changed = segment
      changed.remove(key)
      if key != "xxh3" { refuse { $0["segments"] = .array([.object(changed)]) } }
      changed[key] = .bool(true)
      refuse { $0["segments"] = .array([.object(changed)]) }
    }
  }

  @Test("An index that contradicts itself is refused")
  func flaws() throws {
    let whole = try partition()
    #expect(whole.flaw == nil)
    func refuse(_ change: (inout PartitionIndex) -> Void) {
      var index = whole
      change(&index)
      #expect(throws: ArchiveError.self) { try PartitionIndex(parsing: index.encoded, file: "f") }
    }
    refuse { $0.segments.swapAt(0, 1) }
    refuse { $0.segments[1] = $0.segments[0] }
    refuse { $0.endOffset -= 1 }
    refuse { $0.startOffset += 1 }
    refuse { $0.segments[0].minTimestamp = $0.segments[0].maxTimestamp + 1 }
    refuse { $0.segments[0].digest.records = 0 }
    refuse { $0.segments[0].digest.records = .max }
    // Sums over an index must not overflow.
    refuse { $0.segments[0].batches = .max }
    refuse { $0.segments[0].contentBytes = UInt64(Int64.max) }
    refuse { $0.segments[0].largestRecord = .max }
  }

  @Test("A version that is not known is refused by its number")
  func versions() {
    #expect(throws: ArchiveError.unsupportedVersion(file: "f", found: 7, supported: 1)) {
      try PartitionIndex(parsing: Array(#"{"formatVersion": 7, "other": []}"#.utf8), file: "f")
    }
    #expect(throws: ArchiveError.index(file: "f", reason: "it has no formatVersion")) {
      try PartitionIndex(parsing: Array("{}".utf8), file: "f")
    }
  }

  @Test("Only 20 digits and .log are a segment's name")
  func names() {
    #expect(SegmentEntry.baseOffset(of: "00000000000000000012.log") == 12)
    for name in [
      "12.log", "-0000000000000000012.log", "00000000000000000012.index", "99999999999999999999.log", ".log",
    ] {
      #expect(SegmentEntry.baseOffset(of: name) == nil)
    }
  }

  @Test("An index of another topic is refused")
  func otherTopic() throws {
    let archive = try TestArchive([TestRecord(offset: 0, timestamp: 1)])
    let index = try archive.folder.bytes("orders/archive.json")
    try archive.store.write(try BlobKey("copied/archive.json"), index)
    #expect(throws: ArchiveError.self) { try ArchiveReader(archive.store).open("copied") }
  }

  @Test("What an archive was before it grew is a part of it, with the same digest; what it never was is none")
  func growth() throws {
    var generator = SeededGenerator(52)
    let records = TestRecord.random(300, using: &generator)
    let limits = PartitionWriter.Limits(segmentBytes: 2_000, batchBytes: 500)
    let archive = try TestArchive(Array(records[..<100]), limits: limits)
    let before = try archive.open()
    let ends = before.partitions.map(\.endOffset)
    let part = try #require(try before.upTo(ends))
    #expect(part.partitions == before.partitions)
    try archive.write([Array(records[100...])], limits: limits)
    let after = try archive.open()
    let same = try #require(try after.upTo(ends))
    #expect(same.partitions == before.partitions && same.digest == part.digest)
    #expect(try after.upTo(after.partitions.map(\.endOffset))?.digest != part.digest)
    #expect(try before.upTo(after.partitions.map(\.endOffset)) == nil, "it ends before")
    #expect(try after.upTo(ends + ends) == nil, "it has one partition")
    let cut = try #require(before.partitions[0].segments.last).baseOffset + 1
    #expect(try after.upTo([cut]) == nil, "no capture ended in the midst of a segment")
  }
}

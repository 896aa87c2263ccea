import CChecksum
import Testing

@testable import ColdStorage
import Seeded

@Suite struct ReindexTests {
  @Test("An index made anew equals the one that was written")
  func equal() throws {
    var generator = SeededGenerator(41)
    let archive = try TestArchive()
    let limits = PartitionWriter.Limits(segmentBytes: 3_000, batchBytes: 800)
    try archive.write(
      [TestRecord.random(200, using: &generator), [], TestRecord.random(50, using: &generator)], limits: limits,
      type: .logAppendTime)
    let before = try archive.open()
    try Reindex(archive.store, topic: "orders").run(now: 1)
    #expect(try archive.open().digest == before.digest)
  }

  @Test("From the segments alone everything comes back that they can tell")
  func alone() throws {
    var generator = SeededGenerator(42)
    let records = TestRecord.random(200, using: &generator)
    let archive = try TestArchive(records, limits: .init(segmentBytes: 3_000, batchBytes: 800))
    let before = try archive.open()
    for file in ["orders/archive.json", "orders/0/segments.json"] { try archive.store.delete(try BlobKey(file)) }
    for segment in before.partitions[0].segments {
      try archive.store.delete(try BlobKey("orders/0/\(segment.digestsFile)"))
    }
    try Reindex(archive.store, topic: "orders").run(now: 77)
    let after = try archive.open()
    #expect(after.partitions == before.partitions)
    #expect(after.index.capturedAt == 77)
    #expect(try after.verify().isIntact)
    #expect(try archive.records() == records)
  }

  @Test("A damaged index is made anew, one of a newer program is left alone")
  func index() throws {
    let archive = try TestArchive([TestRecord(offset: 0, timestamp: 1)])
    try archive.folder.overwrite("orders/0/segments.json", Array("{".utf8))
    #expect(throws: ArchiveError.self) { try archive.open() }
    try Reindex(archive.store, topic: "orders").run(now: 1)
    #expect(try archive.records().count == 1)
    try archive.folder.overwrite("orders/archive.json", Array(#"{"formatVersion": 2}"#.utf8))
    let file = "\(archive.folder.path)/orders/archive.json"
    #expect(throws: ArchiveError.unsupportedVersion(file: file, found: 2, supported: 1)) { try archive.open() }
    #expect(throws: ArchiveError.unsupportedVersion(file: file, found: 2, supported: 1)) {
      try Reindex(archive.store, topic: "orders").run(now: 1)
    }
  }

  @Test("A segment that is not whole stops it, and nothing is deleted")
  func damaged() throws {
    var generator = SeededGenerator(43)
    let archive = try TestArchive(TestRecord.random(50, using: &generator))
    let log = "orders/0/00000000000000000000.log"
    let bytes = try archive.folder.bytes(log)
    try archive.folder.overwrite(log, Array(bytes.dropLast()))
    #expect(throws: ArchiveError.self) { try Reindex(archive.store, topic: "orders").run(now: 1) }
    #expect(try archive.folder.bytes(log) == Array(bytes.dropLast()))
  }

  @Test("A batch whose header hides its latest record from a reader of a time window is damage")
  func hiddenTime() throws {
    let archive = try TestArchive([TestRecord(offset: 0, timestamp: 1_000), TestRecord(offset: 1, timestamp: 3_000)])
    let log = "orders/0/00000000000000000000.log"
    var bytes = try archive.folder.bytes(log)
    #expect(Int64(bigEndian: bytes[35..<43].withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }) == 3_000)
    withUnsafeBytes(of: Int64(2_999).bigEndian) { bytes.replaceSubrange(35..<43, with: $0) }
    let sum = bytes.withUnsafeBytes { crc32c(0, $0.baseAddress! + 21, $0.count - 21) }
    withUnsafeBytes(of: sum.bigEndian) { bytes.replaceSubrange(17..<21, with: $0) }
    try archive.folder.overwrite(log, bytes)
    #expect(throws: ArchiveError.self) { try Reindex(archive.store, topic: "orders").run(now: 1) }
  }

  @Test("A topic that is not there gets no folder")
  func absent() throws {
    let archive = try TestArchive()
    #expect(throws: ArchiveError.noSuchTopic(topic: "nope", at: archive.folder.path)) {
      try Reindex(archive.store, topic: "nope").run(now: 1)
    }
    #expect(!archive.folder.exists("nope"))
  }
}

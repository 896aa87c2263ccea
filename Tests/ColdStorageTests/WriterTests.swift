import Testing

@testable import ColdStorage
import Seeded

@Suite struct WriterTests {
  @Test("A second capture goes on where the first ended, and changes none of its segments")
  func resumes() throws {
    var generator = SeededGenerator(31)
    let first = TestRecord.random(200, using: &generator)
    let archive = try TestArchive(first)
    let before = try archive.open()
    let writer = try archive.writer()
    let end = try #require(writer.partition(0)?.endOffset)
    let second = TestRecord.random(100, from: end + 7, using: &generator)
    try archive.append(second, to: writer)
    try archive.commit(writer)
    let after = try archive.open()
    #expect(try archive.records() == first + second)
    #expect(after.partitions[0].segments.first == before.partitions[0].segments.first)
    #expect(after.digest != before.digest)
    #expect(try after.verify().isIntact)
    // Whoever opened the older one still reads it.
    #expect(try TestArchive.records(before.reader(0)) == first)
  }

  @Test("Nothing shows before the commit, and the next writer removes what a crash left")
  func crash() throws {
    var generator = SeededGenerator(32)
    let first = TestRecord.random(100, using: &generator)
    let archive = try TestArchive(first, limits: .init(segmentBytes: 2_000, batchBytes: 500))
    let before = try archive.open()
    let end = before.partitions[0].endOffset
    let second = TestRecord.random(100, from: end, using: &generator)
    do {
      let writer = try archive.writer(limits: .init(segmentBytes: 2_000, batchBytes: 500))
      try archive.append(second, to: writer)
    }
    #expect(try archive.open().digest == before.digest)
    #expect(try archive.records() == first)
    #expect(try !archive.open().verify().unlisted.isEmpty)
    try archive.folder.overwrite("orders/0/.123.456.partial", [1])
    // This time the records between have been compacted away, so the segments have other names.
    let writer = try archive.writer()
    #expect(try archive.open().verify().unlisted.isEmpty)
    #expect(!archive.folder.exists("orders/0/.123.456.partial"))
    try archive.append(Array(second[3...]), to: writer)
    try archive.commit(writer)
    #expect(try archive.records() == first + second[3...])
  }

  @Test("A first capture cut short is no archive, and the next one begins anew")
  func firstCrash() throws {
    var generator = SeededGenerator(33)
    let records = TestRecord.random(100, using: &generator)
    let archive = try TestArchive()
    do {
      let writer = try archive.writer(limits: .init(segmentBytes: 1_000, batchBytes: 500))
      try archive.append(records, to: writer)
    }
    #expect(try ArchiveReader(archive.store).topics() == [])
    #expect(throws: ArchiveError.self) { try archive.open() }
    try archive.write([records])
    #expect(try archive.records() == records)
    #expect(!archive.folder.exists("orders/capture.incomplete"))
  }

  @Test("A capture whose archive.json was not written any more is gone on with")
  func crashBeforeArchive() throws {
    var generator = SeededGenerator(34)
    let records = TestRecord.random(100, using: &generator)
    let archive = try TestArchive(records)
    try archive.store.delete(try BlobKey("orders/archive.json"))
    try archive.folder.overwrite("orders/capture.incomplete", [])
    let writer = try archive.writer()
    #expect(try writer.writer(0, startOffset: 0).resumeOffset == (records.last?.offset ?? 0) + 1)
    try archive.commit(writer)
    #expect(try archive.records() == records)
  }

  @Test("Segments without an index are somebody's data: no capture touches them")
  func somebodys() throws {
    let archive = try TestArchive([TestRecord(offset: 0, timestamp: 1)])
    try archive.store.delete(try BlobKey("orders/archive.json"))
    #expect(throws: ArchiveError.notIndexed(folder: "\(archive.folder.path)/orders")) { try archive.writer() }
    #expect(archive.folder.exists("orders/0/00000000000000000000.log"))
  }

  @Test("There is one writer at a time")
  func lease() throws {
    let archive = try TestArchive()
    let writer = try archive.writer()
    #expect(throws: ArchiveError.storage(.leased(file: "\(archive.folder.path)/orders/writer.lock"))) {
      try archive.writer()
    }
    withExtendedLifetime(writer) {}
  }

  @Test("An offset that comes again is refused")
  func order() throws {
    let archive = try TestArchive([TestRecord(offset: 5, timestamp: 1)])
    let writer = try archive.writer()
    for offset in [0, 5] as [Int64] {
      #expect(throws: ArchiveError.self) { try archive.append([TestRecord(offset: offset, timestamp: 1)], to: writer) }
    }
  }

  @Test("A first capture goes on from its last checkpoint, unseen by readers")
  func checkpoint() throws {
    var generator = SeededGenerator(35)
    let records = TestRecord.random(200, using: &generator)
    let archive = try TestArchive()
    let resume: Int64
    do {
      let writer = try archive.writer(limits: .init(segmentBytes: 2_000, batchBytes: 500))
      try archive.append(Array(records[..<150]), to: writer)
      try writer.checkpoint()
    }
    #expect(try ArchiveReader(archive.store).topics() == [])
    do {
      let writer = try archive.writer()
      resume = try writer.writer(0, startOffset: 0).resumeOffset
      #expect(resume > 0)
      #expect(resume <= records[150].offset)
      try archive.append(records.filter { $0.offset >= resume }, to: writer)
      try archive.commit(writer)
    }
    #expect(try archive.records() == records)
    #expect(try archive.open().verify().unlisted.isEmpty)
  }

  @Test("The last record of an archive is known by offset and digest")
  func last() throws {
    var generator = SeededGenerator(36)
    let records = TestRecord.random(100, using: &generator)
    let archive = try TestArchive(records, limits: .init(segmentBytes: 2_000, batchBytes: 500))
    let last = try #require(try archive.writer().lastRecord(0))
    let record = try #require(records.last)
    #expect(last.offset == record.offset)
    #expect(try last.digest == record.borrowed { try RecordDigester().digest(of: $0) })
    #expect(try TestArchive().writer().lastRecord(0) == nil)
  }

  @Test("Losses and the end beyond the last record are kept")
  func ends() throws {
    let archive = try TestArchive([TestRecord(offset: 0, timestamp: 1)])
    do {
      let writer = try archive.writer()
      try writer.writer(0, startOffset: 0).recordLoss(1..<10)
      try archive.append([TestRecord(offset: 12, timestamp: 1)], to: writer)
      try writer.commit(
        ArchiveIndex(topic: "orders", partitionCount: 1, configuration: [:], capturedAt: 1, bounds: [10..<20]),
        endOffsets: [0: 20])
    }
    let partition = try archive.open().partition(0)
    #expect(partition.losses == [1..<10])
    #expect(partition.endOffset == 20)
    #expect(try archive.writer().writer(0, startOffset: 0).resumeOffset == 20)
  }
}

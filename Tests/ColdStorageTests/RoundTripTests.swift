import Testing

@testable import ColdStorage
import Seeded

@Suite struct RoundTripTests {
  @Test(
    "Records come back as they were, bit for bit", arguments: [1, 2, 3, 4, 5] as [UInt64],
    [BatchCodec.zstd, .lz4, .none])
  func exact(seed: UInt64, codec: BatchCodec) throws {
    var generator = SeededGenerator(seed)
    let records = TestRecord.random(2_000, using: &generator)
    // Several segments of several batches each.
    let archive = try TestArchive(records, codec: codec, limits: .init(segmentBytes: 20_000, batchBytes: 5_000))
    let topic = try archive.open()
    #expect(topic.partitions[0].segments.count > 2)
    #expect(try archive.records() == records)
    // Also through a window that every batch outgrows.
    #expect(try archive.records(window: 64) == records)
    #expect(try topic.verify().isIntact)
    #expect(topic.records == 2_000)
  }

  @Test("The index knows the true bounds, sizes and digest of its records")
  func index() throws {
    var generator = SeededGenerator(7)
    let records = TestRecord.random(500, using: &generator)
    let archive = try TestArchive(records, limits: .init(segmentBytes: 10_000, batchBytes: 3_000))
    let partition = try archive.open().partition(0)
    #expect(partition.minTimestamp == records.map(\.timestamp).min())
    #expect(partition.maxTimestamp == records.map(\.timestamp).max())
    let digester = try RecordDigester()
    var digest = RecordsDigest.empty
    for record in records { digest.append(try record.borrowed { try digester.digest(of: $0) }) }
    #expect(partition.digest == digest)
    #expect(
      partition.contentBytes == records.reduce(0) { sum, record in sum + record.borrowed { UInt64($0.contentSize) } })
    #expect(partition.endOffset == (records.last?.offset ?? 0) + 1)
  }

  @Test("A record larger than a batch has one to itself")
  func large() throws {
    var generator = SeededGenerator(9)
    let small = TestRecord(offset: 0, timestamp: 5, value: [1])
    let large = TestRecord(offset: 1, timestamp: 6, value: generator.bytes(3_000_000))
    let last = TestRecord(offset: 2, timestamp: 7, value: [2])
    let archive = try TestArchive([small, large, last])
    #expect(try archive.records() == [small, large, last])
    let segment = try #require(try archive.open().partition(0).segments.first)
    #expect(segment.batches == 3)
    // 61 of the header, 4 of the length, 1 of attributes, deltas, null key and no headers each, 4 of the value's
    // length.
    #expect(segment.largestRecord == 61 + 4 + 1 + 1 + 1 + 1 + 4 + 3_000_000 + 1)
  }

  @Test("No batch is larger than its limit, compressed or not")
  func bounded() throws {
    var generator = SeededGenerator(11)
    let records = (0..<3_000).map { TestRecord(offset: $0, timestamp: 0, value: generator.bytes(1_000)) }
    let archive = try TestArchive(records, codec: .zstd)
    let segment = try #require(try archive.open().partition(0).segments.first)
    #expect(segment.largestBatch <= 1_000_000)
    #expect(segment.batches == 4)
  }

  @Test("Offsets and timestamps too far apart for one batch go into two")
  func farApart() throws {
    let records = [
      TestRecord(offset: 0, timestamp: .min), TestRecord(offset: 1, timestamp: .max),
      TestRecord(offset: 5_000_000_000, timestamp: 0), TestRecord(offset: .max - 2, timestamp: -1),
    ]
    let archive = try TestArchive(records)
    #expect(try archive.records() == records)
    #expect(try archive.open().partition(0).segments.map(\.batches) == [4])
  }

  @Test("An empty topic is an archive too")
  func empty() throws {
    let archive = try TestArchive()
    try archive.write([[], []])
    let topic = try archive.open()
    #expect(topic.partitionCount == 2)
    #expect(topic.records == 0)
    #expect(try archive.records(1).isEmpty)
    #expect(try ArchiveReader(archive.store).topics() == ["orders"])
    #expect(try topic.verify().isIntact)
  }

  @Test("A change of the timestamps' type begins a new segment")
  func types() throws {
    let archive = try TestArchive()
    let writer = try archive.writer()
    try archive.append([TestRecord(offset: 0, timestamp: 10)], to: writer, 0, .createTime)
    try archive.append([TestRecord(offset: 1, timestamp: 20)], to: writer, 0, .logAppendTime)
    try archive.append([TestRecord(offset: 2, timestamp: -1)], to: writer, 0, .none)
    try archive.commit(writer)
    let segments = try archive.open().partition(0).segments
    #expect(segments.map(\.timestampType) == [.createTime, .logAppendTime, .none])
    #expect(segments.map(\.baseOffset) == [0, 1, 2])
    #expect(try archive.records().map(\.timestamp) == [10, 20, -1])
  }
}

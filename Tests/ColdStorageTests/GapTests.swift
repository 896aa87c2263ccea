import Seeded
import Testing

@testable import ColdStorage

@Suite("Gaps in the offsets, and batches")
struct GapTests {
  struct Batch: Equatable {
    var records: Int
    var hasGap: Bool
  }

  /// Of 1 KiB each, values only; between runs one offset is missing.
  private static func records(runs: [Int], from first: Int64 = 0) -> [TestRecord] {
    var offset = first
    var records: [TestRecord] = []
    for run in runs {
      for _ in 0..<run {
        records.append(TestRecord(offset: offset, timestamp: offset, value: [UInt8](repeating: 97, count: 1024)))
        offset += 1
      }
      offset += 1
    }
    return records
  }

  private static func batches(_ archive: TestArchive) throws -> [Batch] {
    let reader = try archive.open().reader(0, .everything)
    var batches: [Batch] = []
    while let header = try reader.next()?.header {
      batches.append(Batch(records: Int(header.recordCount), hasGap: header.lastOffsetDelta >= header.recordCount))
    }
    return batches
  }

  @Test(
    "A gap ends a batch where 128 KiB or more lie before it without one",
    arguments: [
      ([128, 5], [128, 5]), ([127, 5], [132]), ([127, 1, 127], [255]),
      // What comes behind a small run goes into its batch, and ends it if it is large.
      ([50, 50, 200, 10], [300, 10]), ([200, 50, 300, 300, 1], [200, 350, 300, 1]),
      ([1, 128, 128, 128], [129, 128, 128]),
    ])
  func ends(runs: [Int], expected: [Int]) throws {
    let records = Self.records(runs: runs)
    let archive = try TestArchive(records)
    let batches = try Self.batches(archive)
    #expect(batches.map(\.records) == expected)
    #expect(batches.map(\.hasGap) == expected.map { !runs.contains($0) })
    #expect(try archive.records() == records)
    #expect(try archive.open().verify().isIntact)
  }

  @Test("A byte below, and the gap stays inside")
  func boundary() throws {
    for (missing, expected) in [(0, 2), (1, 1)] {
      var records = Self.records(runs: [128, 1])
      records[7].value?.removeLast(missing)
      #expect(try Self.batches(TestArchive(records)).count == expected)
    }
  }

  @Test("Keys and headers count like values")
  func content() throws {
    var records = Self.records(runs: [128, 1])
    for index in records.indices {
      records[index].key = [UInt8](repeating: 98, count: 500)
      records[index].headers = [.init(name: Array("name".utf8), value: [UInt8](repeating: 99, count: 20))]
      records[index].value = [UInt8](repeating: 97, count: 500)
    }
    #expect(try Self.batches(TestArchive(records)).count == 2)
  }

  @Test("The rest of a run of several batches has one to itself, also where no batch is as large as that")
  func severalBatches() throws {
    let records = Self.records(runs: [1000, 990, 300])
    // 966 records of 1,024 bytes and 11 around them are below 1,000,000.
    #expect(
      try Self.batches(TestArchive(records)) == [966, 34, 966, 24, 300].map { Batch(records: $0, hasGap: false) })
    let narrow = try Self.batches(TestArchive(records, limits: .init(batchBytes: 50_000)))
    #expect(narrow.allSatisfy { !$0.hasGap } && narrow.count == 21 + 21 + 7)
    let short = try Self.batches(TestArchive(Self.records(runs: [100, 100]), limits: .init(batchBytes: 50_000)))
    #expect(short.contains { $0.hasGap } && short.count == 5)
  }

  @Test("A record larger than a batch ends with it, gap or not")
  func largeRecord() throws {
    var records = Self.records(runs: [1, 1, 1])
    records[1].value = [UInt8](repeating: 97, count: 2_000_000)
    #expect(try Self.batches(TestArchive(records)) == [1, 1, 1].map { Batch(records: $0, hasGap: false) })
  }

  @Test("A first record behind the topic's beginning makes no batch, and what was committed doesn't count")
  func begins() throws {
    let archive = try TestArchive(Self.records(runs: [200], from: 1000))
    #expect(try Self.batches(archive) == [Batch(records: 200, hasGap: false)])
    let writer = try archive.writer()
    try archive.append(Self.records(runs: [100], from: 1200), to: writer)
    try archive.commit(writer)
    // The same writer, and the offset that follows.
    try archive.append(Self.records(runs: [100, 10], from: 1300), to: writer)
    try archive.commit(writer)
    #expect(
      try Self.batches(archive) == [
        Batch(records: 200, hasGap: false), Batch(records: 100, hasGap: false), Batch(records: 110, hasGap: true),
      ])
  }

  @Test(
    "A capture that goes on after a crash writes what an unbroken one would have",
    arguments: 1...5 as ClosedRange<UInt64>)
  func resumes(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let runs = (0..<40).map { _ in Int.random(in: 1...250, using: &generator) }
    let records = Self.records(runs: runs)
    let limits = PartitionWriter.Limits(segmentBytes: 150_000, batchBytes: 60_000)
    let (whole, broken) = (try TestArchive(), try TestArchive())
    try whole.write([records], codec: .none, limits: limits)
    for end in [records.count / 3, records.count * 2 / 3, records.count] {
      let writer = try broken.writer(codec: .none, limits: limits)
      let from = try writer.writer(0, startOffset: 0).resumeOffset
      try broken.append(records[..<end].filter { $0.offset >= from }, to: writer)
      // What is not in a finished segment is lost.
      if end < records.count { try writer.checkpoint() } else { try broken.commit(writer) }
    }
    let segments = try whole.open().partition(0).segments
    #expect(try broken.open().partition(0).segments == segments && segments.count > 10)
    #expect(try broken.records() == records)
  }
}

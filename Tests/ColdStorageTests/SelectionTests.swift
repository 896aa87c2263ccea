import Testing

@testable import ColdStorage
import Seeded

@Suite struct SelectionTests {
  private func wanted(_ records: [TestRecord], _ selection: Selection) -> [TestRecord] {
    records.filter { selection.contains(offset: $0.offset, timestamp: $0.timestamp) }
  }

  @Test("Offset bounds hold at, before and after every record, also in gaps")
  func offsets() throws {
    var generator = SeededGenerator(21)
    let records = TestRecord.random(120, using: &generator, longest: 20)
    let archive = try TestArchive(records, codec: .none, limits: .init(segmentBytes: 1_500, batchBytes: 400))
    let topic = try archive.open()
    try #require(topic.partition(0).segments.count > 2)
    for record in records {
      for bound in [record.offset - 1, record.offset, record.offset + 1] where bound >= 0 {
        for selection in [Selection(fromOffset: bound), Selection(untilOffset: bound)] {
          let expected = wanted(records, selection)
          #expect(try TestArchive.records(topic.reader(0, selection)) == expected)
          #expect(try topic.totals(0, selection).records == Int64(expected.count))
        }
      }
    }
  }

  @Test("Time bounds hold at, before and after every record, though timestamps are out of order")
  func times() throws {
    var generator = SeededGenerator(22)
    let records = TestRecord.random(120, using: &generator, longest: 20)
    let archive = try TestArchive(records, codec: .none, limits: .init(segmentBytes: 1_500, batchBytes: 400))
    let topic = try archive.open()
    for record in records {
      for bound in [record.timestamp - 1, record.timestamp, record.timestamp + 1] {
        for selection in [Selection(fromTimestamp: bound), Selection(untilTimestamp: bound)] {
          let expected = wanted(records, selection)
          #expect(try TestArchive.records(topic.reader(0, selection)) == expected)
          #expect(try topic.totals(0, selection).records == Int64(expected.count))
        }
      }
    }
  }

  @Test("Totals of a selection are those of its records", arguments: [1, 2, 3, 4] as [UInt64])
  func totals(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let records = TestRecord.random(400, using: &generator)
    let archive = try TestArchive(records, limits: .init(segmentBytes: 8_000, batchBytes: 2_000))
    let topic = try archive.open()
    for _ in 0..<20 {
      let last = records[records.count - 1].offset
      var selection = Selection(
        fromOffset: .random(in: 0...last, using: &generator), untilOffset: .random(in: 0...last + 1, using: &generator))
      if Bool.random(using: &generator) {
        selection.fromTimestamp = .random(in: 1_600_000_000_000...1_600_000_100_000, using: &generator)
      }
      if Bool.random(using: &generator) {
        selection.untilTimestamp = .random(in: 1_600_000_000_000...1_600_000_100_000, using: &generator)
      }
      let expected = wanted(records, selection)
      let totals = try topic.totals(0, selection)
      #expect(totals.records == Int64(expected.count))
      #expect(
        totals.contentBytes == expected.reduce(0) { sum, record in sum + record.borrowed { UInt64($0.contentSize) } })
      #expect(totals.largestRecord == expected.map { record in record.borrowed { Int64($0.sizeAlone) } }.max() ?? 0)
      #expect(totals.timestamps?.lowerBound == expected.map(\.timestamp).min())
      #expect(totals.timestamps?.upperBound == expected.map(\.timestamp).max())
    }
  }

  @Test("Timestamps of a selection are those of its records that have one", arguments: [1, 2, 3, 4] as [UInt64])
  func timestamps(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    var records = TestRecord.random(400, using: &generator)
    // Segments with none, with some, and with nothing else.
    for index in records.indices.dropFirst(100) where index >= 300 || Bool.random(using: &generator) {
      records[index].timestamp = -1
    }
    let archive = try TestArchive(records, limits: .init(segmentBytes: 8_000, batchBytes: 2_000))
    let topic = try archive.open()
    for _ in 0..<20 {
      let ends = (0...1).map { _ in Int64.random(in: 0...records[399].offset + 1, using: &generator) }
      let selection = Selection(fromOffset: ends.min(), untilOffset: ends.max())
      let expected = wanted(records, selection).map(\.timestamp).filter { $0 >= 0 }
      let range = try topic.timestamps(0, selection)
      #expect(range?.lowerBound == expected.min() && range?.upperBound == expected.max())
    }
    withExtendedLifetime(archive) {}
  }

  @Test("A batch is whole when no bound cuts it, and only then")
  func verdicts() throws {
    let records = (0..<100).map {
      TestRecord(offset: $0, timestamp: 1_000 + $0, value: [UInt8](repeating: 0, count: 50))
    }
    let archive = try TestArchive(records, codec: .none, limits: .init(batchBytes: 600))
    let reader = try archive.open().reader(0, Selection(fromOffset: 5, untilOffset: 95, untilTimestamp: 1_080))
    var verdicts: [StoredBatch.Verdict] = []
    while let batch = try reader.next() {
      let inside = batch.header.baseOffset >= 5 && batch.header.lastOffset < 80
      #expect((batch.verdict == .whole) == inside)
      verdicts.append(batch.verdict)
    }
    #expect(verdicts.first == .someRecords)
    #expect(verdicts.last == .someRecords)
    #expect(verdicts.contains(.whole))
  }

  @Test("By time, nothing is passed over for the first timestamp of its batch")
  func firstTimestamp() throws {
    // The first record is the youngest of its batch.
    let records = [TestRecord(offset: 0, timestamp: 900), TestRecord(offset: 1, timestamp: 100)]
    let archive = try TestArchive(records)
    #expect(try archive.records(0, Selection(untilTimestamp: 500)) == [records[1]])
    #expect(try archive.records(0, Selection(fromTimestamp: 500)) == [records[0]])
  }

  @Test("An empty or inverted range selects nothing")
  func empty() throws {
    let archive = try TestArchive([TestRecord(offset: 0, timestamp: 1)])
    #expect(try archive.records(0, Selection(fromOffset: 1, untilOffset: 0)).isEmpty)
    #expect(try archive.records(0, Selection(fromTimestamp: 2, untilTimestamp: 1)).isEmpty)
    #expect(try archive.records(0, Selection(fromOffset: .max)).isEmpty)
    #expect(try archive.records(0, Selection(untilOffset: .min)).isEmpty)
  }
}

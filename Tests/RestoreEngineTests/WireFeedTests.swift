import KafkaProtocol
import RestoreModel
import Seeded
import TestSupport
import Testing

@testable import ColdStorage
@testable import RestoreEngine

/// What a lane's reader makes of an archive for a sink that sends batches as they are.
@Suite("Batches for the wire")
struct WireFeedTests {
  /// A slot as the sink would send it.
  struct Sent: Equatable {
    var records: [TestRecord] = []
    var bytes: [UInt8] = []
    var tally = SendTally()
    var size: Int { bytes.count }

    init(_ slot: LoadedBatch) throws {
      #expect(slot.partition == 3)
      tally = slot.prepared
      guard let wire = slot.wire else { return }
      (records, bytes) = (try decode(wire), Array(wire))
    }
  }

  /// Of a reader that compresses all by itself.

  static func feed(
    _ archive: TestArchive, _ rules: WireRules, _ selection: Selection = .everything
  ) throws -> [Sent] {
    let source = ReadAhead.Source(partition: 3, archive: try archive.reader.open("t"), number: 0, selection: selection)
    let feed = try FeedTools(.wire(rules), PackingPool(least: .max)).feed(source, window: 4096)
    let slot = try LoadedBatch(slot: 0)
    var sent: [Sent] = []
    while try feed.next(into: slot) {
      sent.append(try Sent(slot))
    }
    #expect(try feed.next(into: slot) == false)
    return sent
  }

  /// As a broker would look at it.
  static func decode(_ wire: UnsafeRawBufferPointer) throws -> [TestRecord] {
    let header = try BatchHeader(parsing: wire)
    try header.check(wire)
    #expect(BatchSigner.obstacle(header: wire, payloadSize: wire.count - BatchSigner.headerSize) == nil)
    let inflated = try RecordBuffer()
    let payload = UnsafeRawBufferPointer(rebasing: wire[BatchHeader.byteCount...])
    try BatchInflater().inflate(payload, header.attributes.codec, into: inflated)
    var cursor = RecordCursor(header, records: inflated.bytes)
    var records: [TestRecord] = []
    var highest = Int64.min
    while let record = try cursor.next() {
      records.append(try TestRecord(record))
      highest = max(highest, record.timestamp)
    }
    #expect(records.map(\.offset) == (0..<Int64(records.count)).map { $0 + header.baseOffset })
    #expect(header.maxTimestamp == highest)
    return records
  }

  static func digest(_ records: [TestRecord]) throws -> RecordsDigest {
    let digester = try RecordDigester()
    return try records.reduce(into: .empty) { sum, record in
      sum.append(try record.lend { try digester.digest(of: $0) })
    }
  }

  static func rules(
    _ change: (inout RestoreConfig) -> Void = { _ in }, maxMessageBytes: Int = 1_048_588, bytes: Int = .max,
    throttle: Int64? = nil
  ) -> WireRules {
    var config = RestoreConfig()
    change(&config)
    return WireRules(
      changes: RecordChanges(config), maxMessageBytes: maxMessageBytes, transactionBytes: bytes,
      throttle: throttle.map { Throttle(bytesPerSecond: $0) })
  }

  static func archive(
    _ records: [TestRecord], batchBytes: Int, segmentBytes: UInt64 = 1 << 20, kind: TimestampKind = .createTime
  ) throws -> TestArchive {
    let archive = try TestArchive()
    try archive.write("t", [records], limits: .init(segmentBytes: segmentBytes, batchBytes: batchBytes), kind: kind)
    return archive
  }

  static func total(_ sent: [Sent]) -> SendTally { sent.reduce(into: SendTally()) { $0.add($1.tally) } }

  @Test("Large batches without gaps go on as they are stored, byte for byte but for what is signed")
  func unopened() throws {
    let records = (0..<3000).map { TestRecord(plain: Int64($0), size: 100) }
    let archive = try Self.archive(records, batchBytes: 60_000)
    let sent = try Self.feed(archive, Self.rules())
    let reader = try archive.reader.open("t").reader(0, .everything, window: 4096)
    var stored: [Int] = []
    while let batch = try reader.next() { stored.append(batch.bytes.count) }
    #expect(stored.count > 3 && sent.map(\.size) == stored)
    let total = Self.total(sent)
    #expect(total.batches.unopened == Int64(stored.count) && total.batches.merged == 0)
    let digest = try Self.digest(records)
    #expect(total.batches.opened.isEmpty && total.digest == digest)
    #expect(total.bytesRead == Int64(records.reduce(0) { $0 + $1.contentSize }))
  }

  @Test("Small batches are put together; one among large ones goes as it is")
  func small() throws {
    let records = (0..<2000).map { TestRecord(plain: Int64($0), size: 100) }
    let sent = try Self.feed(try Self.archive(records, batchBytes: 2000), Self.rules())
    #expect(sent.count == 1 && sent[0].records.count == 2000)
    #expect(sent[0].tally.batches.merged > 100 && sent[0].tally.batches.unopened == 0)
    // The last one is small, and has no small neighbour.
    let large = try Self.feed(try Self.archive(records, batchBytes: 60_000), Self.rules())
    let total = Self.total(large)
    #expect(large.count > 2 && total.batches.unopened == Int64(large.count) && total.batches.merged == 0)
  }

  @Test("What is merged follows from the codec, or is set")
  func mergesBelow() throws {
    let records = (0..<2000).map { TestRecord(plain: Int64($0), size: 100) }
    func merged(_ batchBytes: Int, below: Int64?) throws -> Bool {
      var rules = Self.rules()
      rules.mergesBelow = below
      let total = Self.total(try Self.feed(try Self.archive(records, batchBytes: batchBytes), rules))
      #expect((total.batches.merged == 0) != (total.batches.unopened == 0))
      return total.batches.merged > 0
    }
    #expect(try merged(2000, below: 0) == false)
    #expect(try merged(60_000, below: .max))
    #expect(WireRules.breakEven(.zstd) < WireRules.breakEven(.lz4))
    #expect(WireRules.breakEven(.lz4) <= WireRules.breakEven(.none))
  }

  @Test("A broken-off, changed, gapped or too large batch is opened, and the tally says why")
  func reasons() throws {
    let records = (0..<1000).map { TestRecord(plain: Int64($0), size: 100) }
    func reasons(_ archive: TestArchive, _ rules: WireRules, _ selection: Selection = .everything) throws
      -> [OpenedReason: Int64]
    {
      Self.total(try Self.feed(archive, rules, selection)).batches.opened
    }
    let archive = try Self.archive(records, batchBytes: 40_000)
    #expect(try reasons(archive, Self.rules(), Selection(fromOffset: 5, untilOffset: 990)) == [.bounds: 2])
    #expect(try reasons(archive, Self.rules({ $0.legacyOffsetHeader = "o" }))[.changes] == 3)
    #expect(try reasons(archive, Self.rules({ $0.schemaMapping = [1: 2] }))[.changes] == 3)
    #expect(try reasons(archive, Self.rules(throttle: 100_000))[.throttle] == 3)
    #expect(try reasons(archive, Self.rules(bytes: 20_000))[.size] == 3)
    let gapped = records.map { record in
      var record = record
      record.offset *= 2
      return record
    }
    #expect(try reasons(try Self.archive(gapped, batchBytes: 40_000), Self.rules()) == [.gaps: 3])
    let appended = try Self.archive(records, batchBytes: 40_000, kind: .logAppendTime)
    let total = Self.total(try Self.feed(appended, Self.rules()))
    #expect(total.digest.records == 1000 && total.batches.opened.isEmpty)
    var rules = Self.rules()
    rules.codecs = [.none, .lz4]
    #expect(try reasons(archive, rules) == [.codec: 3])
  }

  @Test("Of a topic written in transactions large ones go on unopened, up to the marker")
  func transactions() throws {
    func counts(_ transaction: Int64) throws -> BatchCounts {
      // A marker takes an offset.
      let records = (0..<900).map { TestRecord(plain: $0 + $0 / transaction, size: 1024) }
      let sent = try Self.feed(try Self.archive(records, batchBytes: 1_000_000), Self.rules())
      #expect(sent.flatMap { $0.records.map(\.value) } == records.map(\.value))
      return Self.total(sent).batches
    }
    let large = try counts(300)
    #expect(large.unopened == 3 && large.opened.isEmpty && large.merged == 0)
    let small = try counts(50)
    #expect(small.unopened == 0 && small.opened == [.gaps: 1])
  }

  @Test("A batch above the target's limit is sent in several, a record above it alone")
  func size() throws {
    var random = SeededGenerator(1)
    // Nothing that compression could make smaller.
    let records = (0..<300).map { index in
      var record = TestRecord(plain: Int64(index))
      record.value = random.bytes(index == 100 ? 5000 : 100)
      return record
    }
    let sent = try Self.feed(try Self.archive(records, batchBytes: 50_000), Self.rules(maxMessageBytes: 4000))
    #expect(sent.flatMap { $0.records.map(\.value) } == records.map(\.value))
    #expect(sent.allSatisfy { $0.size <= 4000 || $0.records.count == 1 } && sent.contains { $0.size > 5000 })
    let digest = try Self.digest(records)
    #expect(Self.total(sent).digest == digest)
  }

  @Test("Whatever the archive and the document, what is sent is what is selected, and the tallies say so")
  func anything() throws {
    for seed in UInt64(0)..<100 {
      var random = SeededGenerator(seed)
      let scene = try RandomScene(&random)
      let sent = try Self.feed(scene.archive, scene.rules, scene.selection)
      let expected = scene.expected
      func contents(_ records: [TestRecord]) -> [TestRecord] {
        records.map { record in
          var record = record
          record.offset = 0
          return record
        }
      }
      #expect(contents(sent.flatMap(\.records)) == contents(expected), "seed \(seed)")
      let total = Self.total(sent)
      let digest = try Self.digest(expected)
      #expect(total.digest == digest, "seed \(seed)")
      for one in sent {
        let digest = try Self.digest(one.records)
        #expect(one.tally.digest == digest, "seed \(seed)")
        #expect(one.size <= scene.rules.maxMessageBytes || one.records.count == 1, "seed \(seed)")
      }
      #expect(sent.compactMap(\.tally.nextOffset).isAscending, "seed \(seed)")
      if let last = expected.last { #expect((total.nextOffset ?? -1) > last.offset, "seed \(seed)") }
      #expect(total.recordsRead - total.recordsFiltered == Int64(expected.count), "seed \(seed)")
    }
  }
}

/// An archive, a selection and rules, all of a seed.
struct RandomScene {
  let archive: TestArchive
  let selection: Selection
  let rules: WireRules
  /// As it is sent; offsets are those of the source.
  let expected: [TestRecord]

  init(_ random: inout SeededGenerator) throws {
    let gaps = Bool.random(using: &random)
    let sizes = [20, 200, 2000].randomElement(using: &random) ?? 20
    var offset = Int64.random(in: 0...50, using: &random)
    var records: [TestRecord] = []
    for _ in 0..<Int.random(in: 0...200, using: &random) {
      var record = TestRecord(plain: offset)
      record.value = random.bytes(Int.random(in: 0...sizes, using: &random))
      record.timestamp = Int64.random(in: -1...1000, using: &random)
      if Bool.random(using: &random) { record.key = nil }
      if Int.random(in: 0..<5, using: &random) == 0 { record.headers = [.init("h", nil), .init("", [1])] }
      records.append(record)
      offset += gaps ? Int64.random(in: 1...3, using: &random) : 1
    }
    let isAppended = Int.random(in: 0..<6, using: &random) == 0
    if isAppended { for index in records.indices { records[index].timestamp = Int64(index / 50) } }
    archive = try WireFeedTests.archive(
      records, batchBytes: [150, 3000, 40_000, 1_000_000].randomElement(using: &random) ?? 3000,
      segmentBytes: [4000, 1 << 20].randomElement(using: &random) ?? 4000,
      kind: isAppended ? .logAppendTime : .createTime)
    var selection = Selection.everything
    if Bool.random(using: &random) { selection.fromOffset = Int64.random(in: 0...offset, using: &random) }
    if Bool.random(using: &random) { selection.untilOffset = Int64.random(in: 0...offset, using: &random) }
    if Int.random(in: 0..<4, using: &random) == 0 {
      selection.fromTimestamp = Int64.random(in: 0...400, using: &random)
      selection.untilTimestamp = Int64.random(in: 400...1000, using: &random)
    }
    self.selection = selection
    let hasHeader = Int.random(in: 0..<4, using: &random) == 0
    rules = WireFeedTests.rules(
      { if hasHeader { $0.legacyOffsetHeader = "o" } },
      maxMessageBytes: [2000, 50_000, 1_048_588].randomElement(using: &random) ?? 2000,
      bytes: [5000, .max].randomElement(using: &random) ?? .max,
      throttle: [nil, 20_000].randomElement(using: &random) ?? nil)
    expected = records.filter { selection.contains(offset: $0.offset, timestamp: $0.timestamp) }.map { record in
      var record = record
      if hasHeader { record.headers.append(.init("o", Array(String(record.offset).utf8))) }
      return record
    }
  }
}

extension [Int64] {
  fileprivate var isAscending: Bool { zip(self, dropFirst()).allSatisfy { $0 <= $1 } }
}

extension TestRecord {
  fileprivate var contentSize: Int {
    (key?.count ?? 0) + (value?.count ?? 0) + headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
  }

  fileprivate init(_ record: RecordView) throws {
    var headers: [Header] = []
    var cursor = record.headers
    while let header = try cursor.next() {
      headers.append(Header(String(decoding: header.name, as: UTF8.self), header.value.map(Array.init)))
    }
    self.init(
      offset: record.offset, timestamp: record.timestamp, key: record.key.map(Array.init),
      value: record.value.map(Array.init), headers: headers)
  }
}

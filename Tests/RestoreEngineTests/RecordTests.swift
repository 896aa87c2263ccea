import ColdStorage
import Kafka
import RestoreModel
import TestSupport
import Testing

@testable import RestoreEngine

@Suite("What is sent of the records")
struct RecordTests {
  /// Ten records a batch, a minute apart, timestamps out of order: offset 2n has minute n xor 1.
  static let records = (0..<100).map { index in
    TestRecord(plain: Int64(index) * 2, timestamp: 1_600_000_000_000 + Int64(index ^ 1) * 60_000)
  }

  static func archive(_ records: [TestRecord] = records) throws -> TestArchive {
    let archive = try TestArchive()
    try archive.write(
      "t", [records], limits: PartitionWriter.Limits(segmentBytes: 2000, segmentBatches: 3, batchBytes: 700))
    return archive
  }

  /// Restores, and checks digest and figures against what arrived.
  @discardableResult
  static func restore(
    _ records: [TestRecord] = records, bytes: Int = 1 << 20, queue: Int = 100_000, positionEnd: Int64? = nil,
    _ change: (inout RestoreConfig) -> Void
  ) async throws -> SimulatedRun {
    var config = SimulatedRun.config(["t"])
    change(&config)
    let run = try SimulatedRun(
      archive(records), SimulatedCluster(), config, bounds: TransactionBounds(interval: .seconds(1), bytes: bytes),
      queue: queue)
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1)) == .finished)
    let arrived = run.arrived("t")
    let position = try #require(run.position("t"))
    #expect(position.sent == (try digest(of: arrived)))
    let figures = try #require(run.restored["t-copy"])
    #expect(figures.recordsRestored == Int64(arrived.count))
    #expect(figures.recordsRestored + figures.recordsFiltered == figures.recordsTotal)
    #expect(figures.recordsRead == figures.recordsTotal && figures.bytesRead == figures.bytesTotal)
    return run
  }

  @Test(
    "A range of offsets is inclusive at its beginning and exclusive at its end",
    arguments: [
      (0, 200), (2, 198), (1, 199), (50, 51), (50, 52), (51, 52), (0, 1), (198, 500), (199, 500), (20, 40), (60, 60),
    ] as [(Int64, Int64)])
  func offsets(_ from: Int64, _ until: Int64) async throws {
    let run = try await Self.restore { config in
      config.topics[0].partitions = [
        PartitionSelection(number: 0, restoreFromOffset: from, restoreUntilOffset: until)
      ]
    }
    let expected = Self.records.filter { $0.offset >= from && $0.offset < until }
    #expect(run.arrived("t") == SimulatedRun.asSent(expected))
    #expect(run.restored["t-copy"]?.recordsTotal == Int64(expected.count))
    #expect(run.position("t")?.nextOffset == max(min(from, 199), min(until, 199)))
  }

  @Test(
    "A range of time is inclusive at its beginning and exclusive at its end, in whatever order timestamps are",
    arguments: [
      (0, 100), (10, 20), (11, 20), (10, 21), (5, 6), (0, 0), (99, 200), (-5, 3),
    ] as [(Int64, Int64)])
  func times(_ from: Int64, _ until: Int64) async throws {
    func instant(_ minute: Int64) -> Instant { Instant(milliseconds: 1_600_000_000_000 + minute * 60_000) }
    let run = try await Self.restore { config in
      config.restoreFromDateTime = instant(from)
      config.restoreUntilDateTime = instant(until)
    }
    let expected = Self.records.filter {
      $0.timestamp >= instant(from).milliseconds && $0.timestamp < instant(until).milliseconds
    }
    #expect(run.arrived("t") == SimulatedRun.asSent(expected))
    #expect(run.restored["t-copy"]?.recordsTotal == 100)
  }

  @Test("Partitions that are not listed are not restored")
  func partitions() async throws {
    let archive = try TestArchive()
    try archive.write("t", [Self.records, Self.records, Self.records])
    var config = SimulatedRun.config(["t"])
    config.topics[0].partitions = [PartitionSelection(number: 1)]
    let run = try SimulatedRun(archive, SimulatedCluster(), config)
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1)) == .finished)
    #expect(run.arrived("t", 1).count == 100)
    #expect(run.arrived("t", 0).isEmpty && run.arrived("t", 2).isEmpty)
    #expect(run.cluster.positions(run.group).keys.map(\.partition) == [1])
  }

  @Test("The legacy header carries the original offset, behind the record's own headers")
  func legacyHeader() async throws {
    var records = Self.records
    records[3].headers = [.init("original-offset", Array("x".utf8)), .init("n", nil)]
    let run = try await Self.restore(records, queue: 7) { $0.legacyOffsetHeader = "original-offset" }
    var expected = records
    for index in expected.indices {
      expected[index].headers.append(.init("original-offset", Array("\(expected[index].offset)".utf8)))
    }
    #expect(run.arrived("t") == SimulatedRun.asSent(expected))
  }

  @Test("However transactions cut batches, nothing changes", arguments: [1, 100, 1000, 5000], [3, 100_000])
  func cuts(_ bytes: Int, _ queue: Int) async throws {
    let run = try await Self.restore(bytes: bytes, queue: queue) { _ in }
    #expect(run.arrived("t") == SimulatedRun.asSent(Self.records))
  }

  @Test("A low throttle cuts batches and changes nothing else")
  func throttle() async throws {
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), SimulatedRun.config(["t"]))
    let begin = ContinuousClock.now
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1), throttle: 20_000) == .finished)
    #expect(run.arrived("t") == SimulatedRun.asSent(Self.records))
    #expect(run.position("t")?.sent == (try digest(of: run.arrived("t"))))
    // 3,400 bytes at 20,000 a second.
    #expect(ContinuousClock.now - begin > .milliseconds(150))
  }

  @Test(
    "Timestamp 0 is sent as 1 and counted, in whichever place of a batch and a transaction",
    arguments: [0, 1, 9, 55, 99], [1, 500, 1 << 20])
  func zero(_ index: Int, _ bytes: Int) async throws {
    var records = Self.records
    records[index].timestamp = 0
    let run = try await Self.restore(records, bytes: bytes) { _ in }
    records[index].timestamp = 1
    #expect(run.arrived("t") == SimulatedRun.asSent(records))
    #expect(run.restored["t-copy"]?.zeroTimestamps == 1)
  }

  @Test("Timestamp 0 fails the run where the document says so")
  func zeroFails() async throws {
    var records = Self.records
    records[42].timestamp = 0
    var config = SimulatedRun.config(["t"])
    config.onZeroTimestamp = .fail
    let run = try SimulatedRun(Self.archive(records), SimulatedCluster(), config)
    guard case .failed(let fault) = try await run.work(run.item(.lane(LaneID(0)), claim: 1)) else {
      Issue.record("it went on")
      return
    }
    #expect(fault.reason == "ZeroTimestamp" && fault.message.contains("84"))
  }

  static func framed(_ id: Int32, _ text: String) -> [UInt8] {
    [0] + withUnsafeBytes(of: id.bigEndian, Array.init) + Array(text.utf8)
  }

  static let schemas: [TestRecord] = (0..<30).map { index in
    var record = TestRecord(plain: Int64(index))
    record.key = framed(Int32(index % 3 + 1), "key")
    record.value = index % 5 == 0 ? Array("unframed".utf8) : framed(Int32(index % 4 + 1), "value \(index)")
    return record
  }

  @Test("Schema ids are mapped once, in keys and values, chains and all", arguments: [4, 100_000])
  func mapping(_ queue: Int) async throws {
    // A full queue makes the sender come back to a record: it must not be mapped again.
    let map: [Int32: Int32] = [1: 2, 2: 3, 3: 1, 4: 40]
    let run = try await Self.restore(Self.schemas, bytes: 60, queue: queue) { $0.schemaMapping = map }
    let expected = Self.schemas.map { record in
      var record = record
      record.key = Self.framed(map[Int32(record.offset % 3 + 1)] ?? 0, "key")
      if record.offset % 5 != 0 {
        record.value = Self.framed(map[Int32(record.offset % 4 + 1)] ?? 0, "value \(record.offset)")
      }
      return record
    }
    #expect(run.arrived("t") == SimulatedRun.asSent(expected))
  }

  @Test(
    "Records with an unmapped schema id pass, or are left out, or fail the run", arguments: OnUnmappedSchema.allCases)
  func unmapped(_ rule: OnUnmappedSchema) async throws {
    var config = SimulatedRun.config(["t"])
    config.schemaMapping = [1: 1, 2: 2, 3: 3]
    config.onUnmappedSchema = rule
    let run = try SimulatedRun(Self.archive(Self.schemas), SimulatedCluster(), config)
    let outcome = try await run.work(run.item(.lane(LaneID(0)), claim: 1))
    let mapped = Self.schemas.filter { $0.offset % 5 == 0 || $0.offset % 4 != 3 }
    switch rule {
    case .pass:
      #expect(run.arrived("t") == SimulatedRun.asSent(Self.schemas))
      // Keys have ids 1 to 3; of the values every fifth has none, and 4 is not mapped.
      #expect(
        run.restored["t-copy"]?.schemas
          == SchemaCounts(
            unmapped: [4: Int64(Self.schemas.count - mapped.count)],
            unmappedTotal: Int64(Self.schemas.count - mapped.count), unframedRecords: 0))
    case .skip:
      #expect(run.arrived("t") == SimulatedRun.asSent(mapped))
      #expect(run.position("t")?.sent == (try digest(of: mapped)))
      #expect(run.restored["t-copy"]?.recordsFiltered == Int64(Self.schemas.count - mapped.count))
    case .fail:
      guard case .failed(let fault) = outcome else {
        Issue.record("it went on")
        return
      }
      #expect(fault.reason == "UnmappedSchema" && fault.message.contains("schema id 4"))
    }
  }

  @Test("With an empty mapping every id is unmapped", arguments: OnUnmappedSchema.allCases, [40, 1 << 20])
  func noMapping(_ rule: OnUnmappedSchema, _ bytes: Int) async throws {
    var config = SimulatedRun.config(["t"])
    config.onUnmappedSchema = rule
    let records = Self.schemas.map { record in
      var record = record
      if record.offset % 5 == 0 { record.key = nil }
      return record
    }
    let run = try SimulatedRun(
      Self.archive(records), SimulatedCluster(), config,
      bounds: TransactionBounds(interval: .seconds(1), bytes: bytes))
    let outcome = try await run.work(run.item(.lane(LaneID(0)), claim: 1))
    switch rule {
    case .pass:
      #expect(run.arrived("t") == SimulatedRun.asSent(records))
    case .skip:
      let unframed = records.filter { $0.offset % 5 == 0 }
      #expect(run.arrived("t") == SimulatedRun.asSent(unframed))
      #expect(run.position("t")?.sent == (try digest(of: unframed)))
      #expect(run.restored["t-copy"]?.recordsFiltered == Int64(records.count - unframed.count))
    case .fail:
      guard case .failed(let fault) = outcome else {
        Issue.record("it went on")
        return
      }
      #expect(fault.reason == "UnmappedSchema" && fault.message.contains("source offset 1 has schema id 2"), "\(fault)")
    }
  }

  @Test("Without digests wanted, positions carry counts and zeros", arguments: [Verify.count, .none])
  func counts(_ verify: Verify) async throws {
    var config = SimulatedRun.config(["t"])
    config.verify = verify
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), config)
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1)) == .finished)
    #expect(run.position("t")?.sent == RecordsDigest(records: 100, timestamps: .empty, rest: .empty))
  }

  @Test("Null and empty, keys and values and headers, stay what they are")
  func kinds() async throws {
    var records = Self.records
    records[0].key = nil
    records[1].value = nil
    (records[2].key, records[2].value) = ([], [])
    records[3].headers = [.init("a", nil), .init("a", []), .init("", [0, 255]), .init("a", nil)]
    records[4].timestamp = -1
    let run = try await Self.restore(records) { _ in }
    #expect(run.arrived("t") == SimulatedRun.asSent(records))
  }
}

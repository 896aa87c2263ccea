import Archiver
import ColdStorage
import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing

@Suite("Big and odd restores on a broker")
struct RestoreOdditiesTests {
  typealias Expect = RestoreExpectations

  @Test("A thousand partitions, most of them empty", .broker(.durability))
  func partitions() async throws {
    let broker = try await Broker.require([.durability])
    let archive = try TestArchive()
    let records = Expect.varied(3)
    try archive.write("wide", (0..<1000).map { $0 % 10 == 7 ? records : [] })
    let target = try await broker.makeTopic("wide", partitions: 1000)
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: Expect.config([("wide", target)]))
    try await harness.prepare()
    harness.want(.lanes)
    try await harness.wait("all restored", within: .seconds(120)) {
      $0.restored.isEmpty && $0.faults.isEmpty ? nil : true
    }
    RestoreEngineTests.expectDone(harness)
    harness.want(.verify)
    let receipt = try await harness.wait("the verification", within: .seconds(120)) { $0.receipt }
    #expect(receipt.verdict == .digestsMatch && receipt.partitions.count == 1000, "\(receipt.message)")
    #expect(receipt.partitions.filter { $0.found.records == 3 }.map(\.partition) == (0..<100).map { $0 * 10 + 7 })
    await harness.stop()
  }

  @Test("Ten thousand segments", .broker(), .timeLimit(.minutes(5)))
  func segments() async throws {
    let broker = try await Broker.require()
    let archive = try TestArchive()
    let records = (0..<2500).map { TestRecord(plain: Int64($0), size: 8) }
    try archive.write("fine", [records, records, records, records], limits: .init(segmentBytes: 1, batchBytes: 1))
    #expect(try archive.reader.open("fine").partitions.map(\.segments.count) == [2500, 2500, 2500, 2500])
    let target = try await broker.makeTopic("fine", partitions: 4)
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: Expect.config([("fine", target)]))
    try await harness.prepare()
    harness.want(.lanes)
    try await harness.wait("all restored", within: .seconds(180)) {
      $0.restored.isEmpty && $0.faults.isEmpty ? nil : true
    }
    RestoreEngineTests.expectDone(harness)
    for partition in 0..<4 { try await Expect.expect(records, in: broker, target, Int32(partition)) }
    #expect(try await harness.verify().verdict == .digestsMatch)
    await harness.stop()
  }

  @Test(
    "A record of 5 MB arrives where it fits, and is refused before anything starts where it doesn't",
    .broker(.durability))
  func large() async throws {
    let broker = try await Broker.require([.durability])
    let archive = try TestArchive()
    var records = (0..<5).map { TestRecord(plain: Int64($0)) }
    // Nothing that compression could make smaller.
    var random = SystemRandomNumberGenerator()
    records[2].value = (0..<5_000_000 / 8).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
    try archive.write("large", [records])
    let fits = try await broker.makeTopic("fits", configuration: ["max.message.bytes": "5100000"])
    let small = try await broker.makeTopic("small", configuration: ["max.message.bytes": "5000000"])
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: Expect.config([("large", fits)]))
    try await harness.restore()
    RestoreEngineTests.expectDone(harness)
    try await Expect.expect(records, in: broker, fits)
    #expect(try await harness.verify().verdict == .digestsMatch)
    await harness.stop()
    let refused = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("large", small)]))
    try await refused.prepare()
    let failures = try #require(refused.now.preflight?.failures)
    #expect(failures.count == 1 && failures[0].contains("max.message.bytes is 5000000"), "\(failures)")
    #expect(try await broker.readAll(TopicPartition(small, 0)).isEmpty)
    await refused.stop()
  }

  @Test("Timestamp 0 fails the run by name where the document says so, and nothing is restored", .broker())
  func zero() async throws {
    let broker = try await Broker.require()
    let archive = try TestArchive()
    var records = Expect.varied(10)
    records[7].timestamp = 0
    try archive.write("orders", [records])
    let target = try await broker.makeTopic("target")
    var config = Expect.config([("orders", target)])
    config.onZeroTimestamp = .fail
    config.recordPath = .perRecord
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.prepare()
    harness.want(.lanes)
    let fault = try await harness.wait("the failure") { $0.faults.first }
    #expect(fault.reason == "ZeroTimestamp" && fault.message.contains("source offset 14"), "\(fault)")
    #expect(try await broker.readAll(TopicPartition(target, 0)).isEmpty)
    await harness.stop()
  }

  @Test(
    "Of a topic written in transactions only what was committed comes back", .broker(), arguments: BrokerKind.here())
  func transactions(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let source = try await broker.makeTopic("source")
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("tx"))
    try await producer.onThread { producer in
      defer { producer.close() }
      try producer.initTransactions(timeout: .seconds(30))
      for round in 0..<6 {
        try producer.begin()
        for index in 0..<5 {
          try producer.produce(
            OutgoingRecord(
              topic: source, partition: 0, key: Array("\(index)".utf8), value: Array("\(round)".utf8),
              timestamp: 1_600_000_000_000 + Int64(round)))
        }
        _ = try producer.flush(timeout: .seconds(20))
        if round % 2 == 0 {
          try producer.commit(timeout: .seconds(20))
        } else {
          try producer.abort(timeout: .seconds(20))
        }
      }
    }
    let archive = try TestArchive()
    _ = try await Archiver(broker.configuration, into: try VolumeStore(root: archive.path), options: CaptureOptions())
      .capture(source)
    let target = try await broker.makeTopic("target")
    var config = Expect.config([(source, target)])
    config.legacyOffsetHeader = "offset"
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    RestoreEngineTests.expectDone(harness)
    let restored = try await broker.readAll(TopicPartition(target, 0))
    #expect(restored.map(\.value) == ["0", "2", "4"].flatMap { Array(repeating: Array($0.utf8), count: 5) })
    // Markers and aborted records are gaps: an offset each, and one more for the marker.
    let offsets = restored.compactMap { $0.headers.last?.value.map { String(decoding: $0, as: UTF8.self) } }
    #expect(offsets == (Array(0..<5) + Array(12..<17) + Array(24..<29)).map(String.init))
    #expect(try await harness.verify().verdict == .digestsMatch)
    await harness.stop()
  }
}

import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing

@Suite("Restoring on a broker")
struct RestoreEngineTests {
  typealias Expect = RestoreExpectations

  static func expectDone(_ harness: RestoreHarness, _ location: SourceLocation = #_sourceLocation) {
    #expect(harness.now.faults == [], sourceLocation: location)
    #expect(harness.now.preflight?.failures == [], sourceLocation: location)
    #expect(harness.now.restored.count == harness.targets, sourceLocation: location)
  }

  @Test(
    "Every record arrives as it was archived, byte for byte, and is verified", .broker(), arguments: BrokerKind.here(),
    RecordPath.allCases)
  func straight(_ kind: BrokerKind, _ path: RecordPath) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    let partitions = [Expect.varied(3000), [], Expect.varied(10)]
    try archive.write("orders", partitions)
    let target = try await broker.makeTopic("target", partitions: 3)
    var config = Expect.config([("orders", target)])
    config.recordPath = path
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    Self.expectDone(harness)
    let figures = try #require(harness.now.restored[TopicName(target)])
    #expect(figures.recordsRestored == 3010 && figures.recordsTotal == 3010 && figures.recordsFiltered == 0)
    for (number, expected) in partitions.enumerated() {
      try await Expect.expect(expected, in: broker, target, Int32(number))
    }
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    await harness.stop()
  }

  @Test(
    "Bounds, the offset header and timestamp 0 on the wire", .broker(), arguments: BrokerKind.here(),
    RecordPath.allCases)
  func changes(_ kind: BrokerKind, _ path: RecordPath) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    var records = Expect.varied(500)
    records[300].timestamp = 0
    records[301].timestamp = -1
    try archive.write("orders", [records])
    let target = try await broker.makeTopic("target")
    var config = Expect.config([("orders", target)])
    config.topics[0].partitions = [
      PartitionSelection(number: 0, restoreFromOffset: 100, restoreUntilOffset: 801)
    ]
    config.legacyOffsetHeader = "original-offset"
    config.recordPath = path
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    Self.expectDone(harness)
    var expected = records.filter { $0.offset >= 100 && $0.offset < 801 }
    if path == .perRecord { expected[250].timestamp = 1 }
    try await Expect.expect(expected, in: broker, target, header: "original-offset")
    #expect(harness.now.restored[TopicName(target)]?.zeroTimestamps == (path == .perRecord ? 1 : 0))
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    await harness.stop()
  }

  @Test(
    "Several topics on several lanes, records larger than usual among them", .broker(), arguments: BrokerKind.here())
  func lanes(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    var mappings: [(source: String, target: String)] = []
    for number in 0..<6 {
      let isLarge = number % 3 == 2
      var records = (0..<200).map { TestRecord(plain: Int64($0)) }
      if isLarge { records[77].value = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) } }
      try archive.write("topic-\(number)", [records, Array(records.prefix(20))])
      let limit = isLarge ? ["max.message.bytes": "4000000"] : [:]
      mappings.append(
        ("topic-\(number)", try await broker.makeTopic("target", partitions: 2, configuration: limit)))
    }
    var config = Expect.config(mappings)
    config.parallelism = 3
    config.maxProducers = 2
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    Self.expectDone(harness)
    #expect(harness.now.plan?.lanes.map(\.topics.count) == [2, 2, 1, 1])
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    #expect(receipt.partitions.map(\.found.records).reduce(0, +) == 6 * 220)
    await harness.stop()
  }

  @Test("Where the broker sets the time, everything else is compared", .broker(), arguments: BrokerKind.here())
  func logAppendTime(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    var records = Expect.varied(100)
    // noida-db, writing the time into a record, loses all but the last of headers of one name.
    for index in records.indices { records[index].headers = [.init("only", [1])] }
    try archive.write("orders", [records])
    let target = try await broker.makeTopic("target", configuration: ["message.timestamp.type": "LogAppendTime"])
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]))
    try await harness.restore()
    Self.expectDone(harness)
    #expect(harness.now.preflight?.warnings.contains { $0.contains("LogAppendTime") } == true)
    try await Expect.expect(records, in: broker, target, timestamps: false)
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    await harness.stop()
  }

  @Test("At least once: everything arrives; who took over can't vouch for it", .broker(), arguments: BrokerKind.here())
  func atLeastOnce(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    let records = Expect.varied(1000)
    try archive.write("orders", [records])
    for takesOver in [false, true] {
      let target = try await broker.makeTopic("target")
      var config = Expect.config([("orders", target)])
      config.delivery = .atLeastOnce
      let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
      try await harness.prepare()
      if takesOver { harness.raiseClaim() }
      harness.want(.lanes)
      try await harness.finish()
      Self.expectDone(harness)
      try await Expect.expect(records, in: broker, target)
      let receipt = try await harness.verify()
      #expect(receipt.verdict == (takesOver ? .notFenced : .digestsMatch), "\(receipt)")
      harness.want(.seal(forDeletion: false))
      let sealed = try await harness.wait("the seal") { $0.sealed[LaneID(0)] }
      #expect(sealed?.contains("NotFenced") == true)
      await harness.stop()
    }
  }
}

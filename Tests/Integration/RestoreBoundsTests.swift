import ColdStorage
import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing

@Suite("Bounds and targets of a restore on a broker")
struct RestoreBoundsTests {
  typealias Expect = RestoreExpectations

  @Test(
    "Offset bounds at the edge and one to each side, in a source with gaps, one source to nine targets", .broker(),
    arguments: BrokerKind.here())
  func offsets(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    // Only even offsets are there.
    let records = Expect.varied(40)
    try archive.write("orders", [records], limits: .init(segmentBytes: 1500, batchBytes: 400))
    let bounds = [19, 20, 21].flatMap { from in [39, 40, 41].map { (from: Int64(from), until: Int64($0)) } }
    var config = RestoreConfig()
    config.parallelism = 3
    for bound in bounds {
      var mapping = TopicMapping(source: "orders", target: TopicName(try await broker.makeTopic("bound")))
      mapping.partitions = [
        PartitionSelection(number: 0, restoreFromOffset: bound.from, restoreUntilOffset: bound.until)
      ]
      config.topics.append(mapping)
    }
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    RestoreEngineTests.expectDone(harness)
    for (bound, mapping) in zip(bounds, config.topics) {
      try await Expect.expect(
        records.filter { $0.offset >= bound.from && $0.offset < bound.until }, in: broker, mapping.target.text)
    }
    #expect(try await harness.verify().verdict == .digestsMatch)
    await harness.stop()
  }

  @Test(
    "Time bounds at the edge and one to each side, with timestamps out of order; a window that selects nothing is done",
    .broker(),
    arguments: BrokerKind.here())
  func times(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    let start: Int64 = 1_600_000_000_000
    // 0, 7, 14, 1, 8, 15, …: neighbours far apart, so that no segment and no batch is in order.
    let records = (0..<20).map { TestRecord(plain: Int64($0), timestamp: start + Int64($0 * 7 % 20)) }
    try archive.write("orders", [records], limits: .init(segmentBytes: 500, batchBytes: 200))
    let windows: [(from: Int64, until: Int64)] = [(4, 9), (5, 9), (6, 9), (5, 8), (5, 10), (100, 200)]
    for window in windows {
      let target = try await broker.makeTopic("window")
      var config = Expect.config([("orders", target)])
      config.restoreFromDateTime = Instant(milliseconds: start + window.from)
      config.filterToDateTime = Instant(milliseconds: start + window.until)
      let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
      try await harness.restore()
      RestoreEngineTests.expectDone(harness)
      let expected = records.filter { (start + window.from..<start + window.until).contains($0.timestamp) }
      try await Expect.expect(expected, in: broker, target)
      let figures = harness.now.restored[TopicName(target)]
      #expect(figures?.recordsRestored == Int64(expected.count), "\(window)")
      #expect(figures?.recordsFiltered == Int64(20 - expected.count), "\(window)")
      #expect(try await harness.verify().verdict == .digestsMatch)
      await harness.stop()
    }
  }

  @Test(
    "Targets of an equal max.message.bytes share lanes up to maxProducers, others don't", .broker(),
    arguments: BrokerKind.here())
  func lanes(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    let records = Expect.varied(30)
    var config = RestoreConfig()
    config.parallelism = 3
    config.maxProducers = 2
    for (index, bytes) in ["2000000", "2000000", "2000000", "3000000"].enumerated() {
      try archive.write("source-\(index)", [records])
      let target = try await broker.makeTopic("lane", configuration: ["max.message.bytes": bytes])
      config.topics.append(TopicMapping(source: TopicName("source-\(index)"), target: TopicName(target)))
    }
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    RestoreEngineTests.expectDone(harness)
    let targets = config.topics.map(\.target)
    #expect(
      harness.now.plan?.lanes.map(\.topics) == [[targets[0], targets[2]], [targets[1]], [targets[3]]])
    #expect(harness.now.plan?.topics.map { $0.lane?.number } == [0, 1, 0, 2])
    for target in targets { try await Expect.expect(records, in: broker, target.text) }
    await harness.stop()
  }

  @Test("Into an empty cluster: topics come back with their partitions and configurations", .broker(.timestampLimits))
  func recovery() async throws {
    let broker = try await Broker.own(.apache)
    defer { broker.node.killNow() }
    let archive = try TestArchive()
    // Each with a key of its own: a compacted topic refuses null ones, and soon keeps the last of equal ones only.
    let records = (0..<30).map { (index: Int64) in
      var record = TestRecord(plain: index * 2)
      record.key = Array("key \(index)".utf8)
      return record
    }
    let topics: [(name: String, partitions: Int, configuration: [String: String])] = [
      ("orders", 4, ["retention.ms": "-1", "max.message.bytes": "2000000", "segment.bytes": "10485760"]),
      ("customers", 1, ["cleanup.policy": "compact", "min.compaction.lag.ms": "86400000", "compression.type": "lz4"]),
      ("empty", 3, ["retention.ms": "604800000"]),
    ]
    for topic in topics {
      try archive.write(
        topic.name, (0..<topic.partitions).map { topic.name == "empty" || $0 == 1 ? [] : records },
        configuration: topic.configuration)
    }
    var config = Expect.config(topics.map { ($0.name, $0.name) })
    config.createTargets = .missing
    config.maxProducers = 0
    config.parallelism = 3
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    RestoreEngineTests.expectDone(harness)
    let admin = try Admin(broker.configuration)
    for topic in topics {
      let (count, settings) = try await admin.onThread { admin in
        (
          try admin.describeTopic(topic.name, timeout: .seconds(20))?.partitionCount,
          try admin.describeConfig(.topic(topic.name), timeout: .seconds(20)).compactMapValues(\.value)
        )
      }
      #expect(count == topic.partitions)
      for (name, value) in topic.configuration { #expect(settings[name] == value, "\(topic.name) \(name)") }
    }
    _ = try await admin.onThread { $0.close() }
    for partition in [Int32(0), 2, 3] { try await Expect.expect(records, in: broker, "orders", partition) }
    try await Expect.expect(records, in: broker, "customers")
    #expect(try await harness.verify().verdict == .digestsMatch)
    await harness.stop()
  }
}

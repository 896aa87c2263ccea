import ColdStorage
import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

import Glibc

@Suite("The preflight")
struct RestorePreflightTests {
  typealias Expect = RestoreExpectations

  @Test(
    "Every failure of every topic is told at once, and nothing is created by looking", .broker(),
    arguments: BrokerKind.here())
  func failures(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    try archive.write("orders", [Expect.varied(10), Expect.varied(10)])
    try archive.write("large", [[TestRecord(plain: 0, size: 5000)]])
    let absent = uniqueName("absent")
    let narrow = try await broker.makeTopic("narrow", partitions: 3)
    let small = try await broker.makeTopic("small", configuration: ["max.message.bytes": "2000"])
    let lost = try await broker.makeTopic("lost")
    var config = Expect.config([
      ("orders", absent), ("orders", narrow), ("large", small), ("no-such-source", lost),
    ])
    config.topics[1].partitions = [PartitionSelection(number: 0), PartitionSelection(number: 7)]
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.prepare()
    let failures = try #require(harness.now.preflight?.failures)
    #expect(harness.now.preflightFailed)
    for words in [
      [absent, "does not exist"], [narrow, "7"], [narrow, "3 partitions", "2"],
      [small, "max.message.bytes", "2000"], [lost, "no-such-source"],
    ] {
      #expect(failures.contains { failure in words.allSatisfy(failure.contains) }, "\(words) in \(failures)")
    }
    let admin = try Admin(broker.configuration)
    let topics = try await admin.onThread { try $0.describeCluster(timeout: .seconds(10)).topics }
    #expect(topics[absent] == nil)
    await admin.onThreadClose()
    await harness.stop()
  }

  @Test(
    "Timestamps that the target refuses fail before anything starts, unless they are filtered out",
    .broker(.timestampLimits))
  func timestamps() async throws {
    let broker = try await Broker.require([.timestampLimits])
    let archive = try TestArchive()
    try archive.write("orders", [Expect.varied(100)])
    let target = try await broker.makeTopic("target", configuration: ["message.timestamp.before.max.ms": "86400000"])
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]))
    try await harness.prepare()
    let failures = try #require(harness.now.preflight?.failures)
    #expect(failures.count == 1 && failures[0].contains("message.timestamp.before.max.ms is 86400000"), "\(failures)")
    await harness.stop()
    var filtered = Expect.config([("orders", target)])
    filtered.restoreFromDateTime = Instant(milliseconds: 1_900_000_000_000)
    let other = RestoreHarness(broker.node.bootstrapServers, archive, config: filtered)
    try await other.prepare()
    #expect(other.now.preflight?.failures == [])
    await other.stop()
    // Of the day, and among them one that has none, which brokers take whatever they demand of others.
    let recent = try TestArchive()
    var records = Expect.varied(100)
    for index in records.indices { records[index].timestamp = Int64(time(nil)) * 1000 - Int64(index) }
    records[50].timestamp = -1
    try recent.write("orders", [records])
    let unstamped = RestoreHarness(
      broker.node.bootstrapServers, recent, config: Expect.config([("orders", target)]))
    try await unstamped.restore()
    #expect(unstamped.now.preflight?.failures == [])
    try await Expect.expect(records, in: broker, target)
    await unstamped.stop()
  }

  @Test(
    "Timestamp 0 is warned of where records are sent one by one, and where batches go on as they are it isn't",
    .broker(), arguments: BrokerKind.here())
  func zeroTimestamps(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    var records = Expect.varied(50)
    records[30].timestamp = 0
    // Without any, in the same segment: of it only the first and the last timestamp are known.
    records[20].timestamp = -1
    try archive.write("orders", [records])
    let target = try await broker.makeTopic("target")
    var config = Expect.config([("orders", target)])
    func warnings() async throws -> [String] {
      let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
      try await harness.prepare()
      let report = try #require(harness.now.preflight)
      #expect(report.failures == [])
      await harness.stop()
      return report.warnings.filter { $0.contains("timestamp 0") }
    }
    for behaviour in OnZeroTimestamp.allCases {
      config.onZeroTimestamp = behaviour
      config.recordPath = .auto
      #expect(try await warnings() == [])
      config.recordPath = .perRecord
      let said = try await warnings()
      #expect(said.count == 1 && said[0].contains("onZeroTimestamp: \(behaviour)"), "\(said)")
    }
    config.topics[0].partitions = [PartitionSelection(number: 0, restoreFromOffset: records[31].offset)]
    #expect(try await warnings() == [], "it is not selected")
  }

  @Test(
    "Missing targets are created as their sources were archived, when asked for", .broker(),
    arguments: BrokerKind.here())
  func create(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    let records = Expect.varied(50)
    try archive.write(
      "orders", [records, [], records], configuration: ["retention.ms": "-1", "max.message.bytes": "2000000"])
    let target = uniqueName("created")
    var config = Expect.config([("orders", target)])
    config.createTargets = .missing
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    #expect(harness.now.faults == [] && harness.now.preflight?.failures == [])
    #expect(harness.now.plan?.lanes.map(\.maxMessageBytes) == [2_000_000])
    try await Expect.expect(records, in: broker, target, 2)
    await harness.stop()
  }

  @Test(
    "A target that another Restore filled is refused, one of the same Restore's earlier run is not", .broker(),
    arguments: BrokerKind.here())
  func twice(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    try archive.write("orders", [Expect.varied(50)])
    let target = try await broker.makeTopic("target")
    let config = Expect.config([("orders", target)])
    let first = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await first.restore()
    await first.stop()
    let second = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await second.prepare()
    #expect(second.now.preflight?.failures.contains { $0.contains(target) && $0.contains(first.group) } == true)
    #expect(second.now.preflight?.warnings.contains { $0.contains("not empty") } == true)
    await second.stop()
    let again = RestoreHarness(broker.node.bootstrapServers, archive, config: config, uid: first.uid)
    again.state.change { $0.run = 2 }
    try await again.prepare()
    #expect(again.now.preflight?.failures == [])
    #expect(again.now.preflight?.warnings.contains { $0.contains("run 1 of this Restore") } == true)
    await again.stop()
  }

  @Test(
    "Old timestamps under a retention, and another cleanup policy, are warnings", .broker(),
    arguments: BrokerKind.here())
  func warnings(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    try archive.write("orders", [Expect.varied(50)])
    let target = try await broker.makeTopic(
      "target", configuration: ["retention.ms": "3600000", "cleanup.policy": "compact,delete"])
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]))
    try await harness.prepare()
    let warnings = try #require(harness.now.preflight?.warnings)
    #expect(warnings.contains { $0.contains("retention.ms is 3600000") }, "\(warnings)")
    #expect(warnings.contains { $0.contains("cleanup.policy is compact,delete") }, "\(warnings)")
    await harness.stop()
  }
}

extension Admin {
  func onThreadClose() async { _ = try? await onThread { $0.close() } }
}

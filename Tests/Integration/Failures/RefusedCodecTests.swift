import ColdStorage
import Kafka
import LocalBroker
import Logging
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

@Suite("A sink that takes no batches of some codecs", .serialized)
struct RefusedCodecTests {
  typealias Expect = RestoreExpectations

  private static let shared = Locked<Task<(Broker, FaultyProxy), any Error>?>(nil)

  /// A broker that is reached through a proxy only, which refuses batches in its name.
  private static func sink(refusing codecs: Set<BatchCodec>) async throws -> (Broker, FaultyProxy) {
    let (broker, proxy) = try await shared.withLock { shared in
      let task =
        shared
        ?? Task {
          let proxy = try FaultyProxy()
          let broker = try await Broker.own(.apache, properties: ["advertised.listeners": proxy.advertised])
          try proxy.start(to: broker.node.port)
          return (broker, proxy)
        }
      shared = task
      return task
    }.value
    proxy.refuse(codecs)
    return (broker, proxy)
  }

  private static func harness(
    _ archive: TestArchive, _ proxy: FaultyProxy, _ config: RestoreConfig
  ) -> RestoreHarness {
    RestoreHarness(
      "127.0.0.1:\(proxy.port)", archive, config: config, transactions: TransactionBounds(interval: .milliseconds(500)))
  }

  /// Large batches of each of these codecs in turn; how many batches each has made, too.
  private static func archive(_ topics: [String], _ codecs: [BatchCodec]) throws -> (
    TestArchive, records: [TestRecord], batches: [BatchCodec: Int64]
  ) {
    let archive = try TestArchive()
    let records = (0..<6000).map { TestRecord(plain: Int64($0), size: 600) }
    for topic in topics {
      for (index, codec) in codecs.enumerated() {
        let part = records[(index * records.count / codecs.count)..<((index + 1) * records.count / codecs.count)]
        try archive.write(
          topic, [Array(part)], codec: codec, limits: .init(segmentBytes: 1 << 20, batchBytes: 150_000))
      }
    }
    let reader = try archive.reader.open(topics[0]).reader(0, .everything, window: 1 << 20)
    var batches: [BatchCodec: Int64] = [:]
    while let batch = try reader.next() {
      if let codec = batch.header.attributes.codec { batches[codec, default: 0] += 1 }
    }
    return (archive, records, batches)
  }

  @Test(
    "Refused batches are opened and sent in another codec: no record is lost, and with exactly once none is doubled",
    .broker(.durability), arguments: Delivery.allCases)
  func opened(_ delivery: Delivery) async throws {
    let (broker, proxy) = try await Self.sink(refusing: [.zstd])
    // Batches are on their way before and behind those that are refused.
    let (archive, records, batches) = try Self.archive(["a", "b"], [.lz4, .zstd, .lz4, .zstd])
    let targets = [try await broker.makeTopic("a"), try await broker.makeTopic("b")]
    var config = Expect.config([("a", targets[0]), ("b", targets[1])])
    (config.parallelism, config.maxProducers, config.delivery) = (2, 2, delivery)
    let harness = Self.harness(archive, proxy, config)
    try await harness.restore()
    RestoreEngineTests.expectDone(harness)
    #expect(harness.now.plan?.lanes.count == 2 && Self.waits(harness) == [])
    // Each lane at its first one, with what was on its way then.
    #expect((1...10).contains(proxy.refusals), "\(proxy.refusals)")
    for target in targets {
      let counts = try #require(harness.now.restored[TopicName(target)]?.batches)
      if delivery == .exactlyOnce {
        try await Expect.expect(records, in: broker, target)
        #expect(counts.opened == [.codec: batches[.zstd] ?? 0] && counts.merged == 0, "\(counts) \(batches)")
        #expect(counts.unopened == batches[.lz4])
      } else {
        let found = try await broker.readAll(TopicPartition(target, 0))
        #expect(Set(found.map(\.value)) == Set(records.map(\.value)))
        #expect(counts.opened[.codec, default: 0] > 0)
      }
    }
    let told = harness.logs.lines.filter { $0.contains("refuses batches of this codec") }
    #expect(told.count == 2 && told.allSatisfy { $0.contains("zstd") && $0.contains("lz4") }, "\(told)")
    if delivery == .exactlyOnce {
      let receipt = try await harness.verify()
      #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    }
    await harness.stop()
  }

  @Test(
    "With no codec left the run fails at once, and says which were refused, where, and what to do",
    .broker(.durability))
  func exhausted() async throws {
    let (broker, proxy) = try await Self.sink(refusing: Set(BatchCodec.allCases))
    let (archive, _, _) = try Self.archive(["a"], [.zstd])
    let target = try await broker.makeTopic("a")
    let harness = Self.harness(archive, proxy, Expect.config([("a", target)]))
    try await harness.restore()
    let fault = try #require(harness.now.faults.first)
    #expect(fault.reason == "CodecRefused" && Self.waits(harness) == [], "\(fault)")
    for part in ["zstd for \(target)-0", "lz4 for", "none for", "perRecord", "retry"] {
      #expect(fault.message.contains(part), "\(fault.message)")
    }
    #expect((3...4).contains(proxy.refusals), "\(proxy.refusals)")
    #expect(try await broker.readAll(TopicPartition(target, 0)).isEmpty)
    // Once they are taken, Retry goes on.
    await harness.stop()
    proxy.refuse([])
    harness.raiseClaim()
    harness.want(.lanes)
    try await harness.finish()
    #expect(harness.now.restored[TopicName(target)]?.batches.opened == [:])
    await harness.stop()
  }

  /// Waited for as if the sink were out of reach. A busy machine may wait for other things.
  private static func waits(_ harness: RestoreHarness) -> [RunFault] {
    harness.now.waits.filter { $0.message.contains("compression type") }
  }

  @Test(
    "Record by record the run fails at once, and names compression.type", .broker(.durability),
    arguments: Delivery.allCases)
  func perRecord(_ delivery: Delivery) async throws {
    let (broker, proxy) = try await Self.sink(refusing: [.zstd])
    let (archive, _, _) = try Self.archive(["a"], [.lz4])
    let target = try await broker.makeTopic("a")
    var config = Expect.config([("a", target)])
    (config.recordPath, config.delivery) = (.perRecord, delivery)
    let harness = Self.harness(archive, proxy, config)
    try await harness.restore()
    let fault = try #require(harness.now.faults.first)
    #expect(fault.reason == "CodecRefused" && Self.waits(harness) == [], "\(fault)")
    #expect(fault.message.contains(target) && fault.message.contains("compression.type"), "\(fault.message)")
    await harness.stop()
  }
}

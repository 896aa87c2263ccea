import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

/// A target holds what was restored, but for one thing; the positions are those of a real run.
@Suite("A target that was tampered with")
struct TamperedTargetTests {
  struct Tampering: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let verdict: VerificationReceipt.Verdict
    /// What the receipt says.
    let message: String
    var policy = "delete"
    /// What stands before is deleted as retention would.
    var deletedBelow: Int64?
    /// The log ends before what the positions say.
    var isCut = false
    var change: @Sendable (inout [TestRecord]) -> Void = { _ in }

    init(
      _ what: String, _ verdict: VerificationReceipt.Verdict, _ message: String, policy: String = "delete",
      deletedBelow: Int64? = nil, isCut: Bool = false,
      _ change: @escaping @Sendable (inout [TestRecord]) -> Void = { _ in }
    ) {
      testDescription = what
      self.verdict = verdict
      self.message = message
      self.policy = policy
      self.deletedBelow = deletedBelow
      self.isCut = isCut
      self.change = change
    }
  }

  /// Offsets of the source are even; seven keys; every tenth has headers.
  static let records = (0..<500).map { index in
    var record = TestRecord(plain: Int64(index * 2))
    if index % 10 == 0 { record.headers = [.init("a", [1]), .init("b", nil), .init("a", [2])] }
    return record
  }

  static func altered(_ what: String, _ change: @escaping @Sendable (inout TestRecord) -> Void) -> Tampering {
    Tampering(
      "\(what) altered", .mismatch,
      "one record is missing or altered, the first is source offset 240; 499 of 500 are as they were sent"
    ) { change(&$0[120]) }
  }

  static func foreign(_ number: Int) -> TestRecord {
    TestRecord(offset: 0, timestamp: 1_700_000_000_000, key: Array("k1".utf8), value: Array("other \(number)".utf8))
  }

  static let tamperings: [Tampering] = [
    Tampering("nothing", .digestsMatch, "500 records in 1 partitions are as they were sent"),
    Tampering(
      "one missing", .mismatch,
      "one record is missing or altered, the first is source offset 246; 499 of 500 are as they were sent"
    ) { $0.remove(at: 123) },
    Tampering(
      "the first missing", .mismatch, "one record is missing or altered, the first is source offset 0; 499 of 500"
    ) { $0.remove(at: 0) },
    Tampering(
      "several missing", .mismatch, "40 records are missing or altered, the first is source offset 200; 460 of 500"
    ) { $0.removeSubrange(100..<140) },
    Tampering(
      "its end missing", .mismatch, "10 records are missing or altered, the first is source offset 980; 490 of 500",
      isCut: true
    ) { $0.removeLast(10) },
    Tampering("one doubled", .mismatch, "one record is there more than once; 500 of 500 are as they were sent") {
      $0.insert($0[20], at: 300)
    },
    Tampering("three doubled", .mismatch, "3 records are there more than once; 500 of 500") {
      $0.insert(contentsOf: $0[100..<103], at: 103)
    },
    Tampering("two neighbours swapped", .mismatch, "one record is there, but in another order; 499 of 500") {
      $0.swapAt(100, 101)
    },
    Tampering("one moved far", .mismatch, "one record is there, but in another order; 499 of 500") {
      $0.insert($0.remove(at: 10), at: 400)
    },
    altered("a value") { $0.value?[0] ^= 1 },
    altered("a key") { $0.key = Array("k9".utf8) },
    altered("a value made null") { $0.value = nil },
    altered("a header's value") { $0.headers[0].value = [3] },
    altered("the order of headers") { $0.headers.swapAt(0, 2) },
    altered("a header's null") { $0.headers[1].value = [] },
    altered("a timestamp") { $0.timestamp += 1 },
    Tampering("others' records between", .foreignRecords, "3 records of others stand among them; 500 of 500") {
      for number in 0..<3 { $0.insert(foreign(number), at: 100 * (number + 1)) }
    },
    Tampering("another's record and one missing", .mismatch, "one record is missing or altered") {
      $0.remove(at: 123)
      $0.insert(foreign(1), at: 300)
    },
    Tampering(
      "compacted", .targetCompacted, "records were compacted away since; 107 of 500 are as they were sent",
      policy: "compact"
    ) { records in records.removeSubrange(0..<393) },
    Tampering(
      "compacted, and the last one of a key missing", .mismatch,
      "one record is missing or altered, the first is source offset 998", policy: "compact,delete"
    ) { records in
      records.removeSubrange(0..<393)
      records.removeLast()
    },
    Tampering(
      "expired", .recordsExpired, "50 records were deleted by retention since; 450 of 500 are as they were sent",
      deletedBelow: 50),
    Tampering(
      "wholly expired", .recordsExpired, "500 records were deleted by retention since; 0 of 500", deletedBelow: 500),
    Tampering(
      "expired, and one missing later", .mismatch, "one record is missing or altered, the first is source offset 600",
      deletedBelow: 50
    ) { $0.remove(at: 300) },
  ]

  @Test("Each way gets its name and its numbers", .broker(), arguments: BrokerKind.here())
  func named(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let archive = try TestArchive()
    try archive.write("orders", [Self.records])
    let restored = try await broker.makeTopic("target")
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: RestoreExpectations.config([("orders", restored)]))
    try await harness.restore()
    RestoreEngineTests.expectDone(harness)
    let admin = try Admin(broker.configuration)
    let sent = try await admin.onThread { [group = harness.group] admin in
      let partition = TopicPartition(restored, 0)
      let committed = try admin.committedPositions(of: group, partitions: [partition], timeout: .seconds(20))[partition]
      return committed.flatMap { LanePosition(offset: $0.offset, metadata: $0.metadata) }
    }
    var position = try #require(sent)
    // The little broker's DeleteRecords is not Kafka's.
    for tampering in Self.tamperings where kind == .apache || tampering.deletedBelow == nil {
      var records = Self.records
      tampering.change(&records)
      let target = try await Self.fill(broker, records, policy: tampering.policy)
      position.firstTarget = 0
      position.lastTarget = Int64(tampering.isCut ? Self.records.count : records.count) - 1
      if let offset = tampering.deletedBelow { try broker.deleteRecords(of: target, before: offset) }
      try await admin.onThread { [position, group = harness.group] admin in
        try admin.commit(
          [TopicPartition(target, 0): CommittedPosition(offset: position.nextOffset, metadata: position.metadata)],
          toMemberlessGroup: group, timeout: .seconds(20))
      }
      harness.state.change { state in
        state.spec.config.topics[0].target = TopicName(target)
        state.receipt = nil
      }
      harness.raiseClaim()
      let receipt = try await harness.verify()
      #expect(receipt.verdict == tampering.verdict, "\(tampering.testDescription): \(receipt.message)")
      #expect(receipt.message.contains(tampering.message), "\(tampering.testDescription): \(receipt.message)")
    }
    await admin.onThreadClose()
    await harness.stop()
  }

  private static func fill(_ broker: Broker, _ records: [TestRecord], policy: String) async throws -> String {
    // What compaction would take away is left out already; it must not come as well.
    let target = try await broker.makeTopic(
      "tampered", configuration: ["cleanup.policy": policy, "min.compaction.lag.ms": "86400000"])
    let producer = try Producer(broker.configuration)
    _ = try await producer.send(
      records.map { record in
        OutgoingRecord(
          topic: target, partition: 0, key: record.key, value: record.value,
          headers: record.headers.map { KafkaHeader($0.name, $0.value) }, timestamp: record.timestamp)
      })
    await producer.close()
    return target
  }

  @Test("An archive that is another one since accuses nobody", .broker())
  func otherArchive() async throws {
    let broker = try await Broker.require()
    let archive = try TestArchive()
    try archive.write("orders", [Self.records])
    let target = try await broker.makeTopic("target")
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: RestoreExpectations.config([("orders", target)]))
    try await harness.restore()
    let other = try TestArchive()
    try other.write("orders", [Array(Self.records.dropFirst(5))])
    try await Self.overwrite(archive, with: other)
    // What the positions say is compared without the archive: nothing is amiss.
    #expect(try await harness.verify().verdict == .digestsMatch)
    try await Self.slipIn(TopicPartition(target, 0), broker, harness)
    harness.want(.verify)
    let fault = try await harness.wait("the refusal") { $0.faults.first }
    #expect(fault.reason == "ArchiveChanged" && harness.now.receipt == nil, "\(fault)")
    await harness.stop()
  }

  @Test("Timestamp 0 is ours, whichever path it came on, where another's record has to be told apart", .broker())
  func zero() async throws {
    let broker = try await Broker.require()
    let archive = try TestArchive()
    var records = Self.records
    for index in [0, 250, 499] { records[index].timestamp = 0 }
    try archive.write("orders", [records])
    for path in RecordPath.allCases {
      let target = try await broker.makeTopic("target")
      var config = RestoreExpectations.config([("orders", target)])
      config.recordPath = path
      let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
      try await harness.restore()
      let first = try await broker.readAll(TopicPartition(target, 0)).first
      #expect(first?.timestamp == (path == .auto ? 0 : 1), "\(path)")
      try await Self.slipIn(TopicPartition(target, 0), broker, harness)
      let receipt = try await harness.verify()
      #expect(receipt.verdict == .foreignRecords, "\(path): \(receipt.message)")
      #expect(receipt.message.contains("500 of 500 are as they were sent"), "\(path): \(receipt.message)")
      await harness.stop()
    }
  }

  /// A record of somebody else at the end, in what the positions say is the run's.
  private static func slipIn(_ partition: TopicPartition, _ broker: Broker, _ harness: RestoreHarness) async throws {
    let producer = try Producer(broker.configuration)
    _ = try await producer.send([
      OutgoingRecord(topic: partition.topic, partition: partition.partition, key: nil, value: [1])
    ])
    await producer.close()
    let admin = try Admin(broker.configuration)
    try await admin.onThread { [group = harness.group] admin in
      defer { admin.close() }
      let end = try admin.watermarks(of: partition, isolation: .readUncommitted, timeout: .seconds(20)).high
      let found = try admin.committedPositions(of: group, partitions: [partition], timeout: .seconds(20))[partition]
      guard let found, var position = LanePosition(offset: found.offset, metadata: found.metadata) else { return }
      position.lastTarget = end - 1
      try admin.commit(
        [partition: CommittedPosition(offset: found.offset, metadata: position.metadata)], toMemberlessGroup: group,
        timeout: .seconds(20))
    }
    harness.state.change { $0.receipt = nil }
    harness.raiseClaim()
  }

  private static func overwrite(_ archive: TestArchive, with other: TestArchive) async throws {
    let ended = try await Program(path: "/bin/sh").run(
      ["-c", "rm -rf \"$0\"/* && cp -r \"$1\"/* \"$0\"", archive.path, other.path])
    try #require(ended.code == 0, "\(ended.errors)")
  }

  /// Of every key its last record, and of the others some, each as it was sent, in order.
  private static func expectCompacted(_ found: [ConsumedRecord], from sent: [TestRecord]) {
    var rest = sent[...]
    for record in found {
      // Every record has a timestamp of its own.
      guard let place = rest.firstIndex(where: { $0.timestamp == record.timestamp }) else {
        Issue.record("\(record) was not sent, or stands in another place")
        return
      }
      let original = rest[place]
      #expect(record.key == original.key && record.value == original.value)
      #expect(record.headers == original.headers.map { KafkaHeader($0.name, $0.value) })
      rest = rest[(place + 1)...]
    }
    let last = Dictionary(sent.map { ($0.key, $0.timestamp) }) { $1 }
    let kept = Dictionary(found.map { ($0.key, $0.timestamp) }) { $1 }
    #expect(kept == last)
  }

  @Test("What a broker's cleaner takes away is compaction, with the number of records", .broker(.durability))
  func cleaned() async throws {
    let broker = try await Broker.own(
      .apache, properties: ["log.cleaner.backoff.ms": "100", "log.initial.task.delay.ms": "100"])
    defer { broker.node.killNow() }
    let archive = try TestArchive()
    try archive.write("orders", [Self.records])
    // Records are a minute apart, and a log begins anew after ten of theirs.
    let target = try await broker.makeTopic(
      "target",
      configuration: ["cleanup.policy": "compact", "segment.ms": "600000", "min.cleanable.dirty.ratio": "0.01"])
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: RestoreExpectations.config([("orders", target)]),
      transactions: TransactionBounds(interval: .milliseconds(200), bytes: 1000))
    try await harness.restore()
    #expect(harness.now.restored.values.map(\.recordsRestored) == [500])
    var before: [ConsumedRecord] = []
    let isCleaned = try await eventually(within: .seconds(60)) {
      before = try await broker.readAll(TopicPartition(target, 0))
      return before.count < Self.records.count
    }
    #expect(isCleaned)
    let receipt = try await harness.verify()
    // The cleaner may go on meanwhile.
    let after = try await broker.readAll(TopicPartition(target, 0))
    for left in [before, after] { Self.expectCompacted(left, from: Self.records) }
    let found = receipt.partitions.map(\.found.records)
    let bounds = Int64(after.count)...Int64(before.count)
    #expect(found.count == 1 && found.allSatisfy { bounds.contains($0) }, "\(found)")
    #expect(receipt.verdict == .targetCompacted, "\(receipt.message)")
    #expect(receipt.message.contains("records were compacted away since"), "\(receipt.message)")
    #expect(receipt.partitions.map(\.expected.records) == [500])
    await harness.stop()
  }
}

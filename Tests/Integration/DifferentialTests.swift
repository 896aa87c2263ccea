import ColdStorage
import Glibc
import Kafka
import LocalBroker
import RestoreModel
import TestSupport
import Testing

/// The same archive through both sinks; an independent client says what arrived.
@Suite("Both record paths side by side")
struct DifferentialTests {
  typealias Expect = RestoreExpectations

  /// Restores partition by partition over `path`; returns the target and its figures.
  static func restore(
    _ archive: TestArchive, _ broker: Broker, partitions: Int32 = 1, _ path: RecordPath,
    _ change: (inout RestoreConfig) -> Void = { _ in }
  ) async throws -> (target: String, figures: Figures) {
    let target = try await broker.makeTopic("target", partitions: partitions)
    var config = Expect.config([("orders", target)])
    config.recordPath = path
    change(&config)
    let harness = RestoreHarness(broker.node.bootstrapServers, archive, config: config)
    try await harness.restore()
    RestoreEngineTests.expectDone(harness)
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    await harness.stop()
    return (target, try #require(harness.now.restored[TopicName(target)]))
  }

  @Test(
    "Targets and figures are equal, whatever is selected and changed", .broker(),
    arguments: ["everything", "bounds", "header", "schemas"])
  func equal(_ what: String) async throws {
    let broker = try await Broker.require()
    let archive = try TestArchive()
    // Large batches, then small ones, in segments of their own; with gaps in one partition.
    var records = (0..<4000).map { TestRecord(plain: Int64($0), size: Int($0) % 300) }
    for index in stride(from: 0, to: records.count, by: 10) { records[index].value = [0, 0, 0, 0, 7, 1, 2] }
    let gapped = Expect.varied(3000, size: 8)
    let half = (records.count / 2, gapped.count / 2)
    try archive.write(
      "orders", [Array(records[..<half.0]), Array(gapped[..<half.1])],
      limits: .init(segmentBytes: 100_000, batchBytes: 100_000))
    try archive.write(
      "orders", [Array(records[half.0...]), Array(gapped[half.1...])],
      limits: .init(segmentBytes: 50_000, batchBytes: 3000))
    func change(_ config: inout RestoreConfig) {
      switch what {
      case "bounds": config.restoreUntilDateTime = Instant(milliseconds: records[3333].timestamp)
      case "header": config.legacyOffsetHeader = "offset"
      case "schemas": config.schemaMapping = [7: 9]
      default: break
      }
    }
    let replayed = try await Self.restore(archive, broker, partitions: 2, .auto, change)
    let sent = try await Self.restore(archive, broker, partitions: 2, .perRecord, change)
    try await expectEqual(sent.target, replayed.target, partitions: 2, on: broker)
    var (left, right) = (replayed.figures, sent.figures)
    if what == "everything" { #expect(left.batches.unopened > 0 && left.batches.merged > 10) }
    #expect(left.batches.merged + left.batches.unopened + left.batches.opened.values.reduce(0, +) > 10)
    #expect(right.batches == BatchCounts())
    // Of batches that went unopened their segment's average is counted.
    (left.batches, left.bytesRestored) = (BatchCounts(), 0)
    right.bytesRestored = 0
    #expect(left == right)
  }

  @Test(
    "What a broker stored in any codec goes on unopened, or merged, and arrives as it was", .broker(.durability),
    arguments: ["zstd", "lz4", "gzip", "snappy", "uncompressed"])
  func codecs(_ codec: String) async throws {
    let broker = try await Broker.own(.apache)
    defer { broker.node.killNow() }
    let source = try await broker.makeTopic("source", configuration: ["compression.type": codec])
    var configuration = broker.configuration
    configuration.properties.merge(["batch.size": "900000", "linger.ms": "200"]) { $1 }
    let producer = try Producer(configuration)
    _ = try await producer.send((0..<3000).map { SampleTopic.record(source, 0, $0, valueBytes: 200) })
    await producer.close()
    // Small ones behind large ones: one batch each.
    configuration.properties["linger.ms"] = "0"
    let single = try Producer(configuration)
    for index in 3000..<3040 { _ = try await single.send([SampleTopic.record(source, 0, index, valueBytes: 200)]) }
    await single.close()
    let archive = try TestArchive()
    let segment = try Self.segment(of: source, broker)
    let store = try VolumeStore(root: archive.path)
    try store.write(try BlobKey("orders/0/00000000000000000000.log"), segment)
    try Reindex(store, topic: "orders").run(now: 0)
    let replayed = try await Self.restore(archive, broker, .auto)
    try await expectEqual(source, replayed.target, partitions: 1, on: broker)
    #expect(replayed.figures.batches.merged >= 40 && replayed.figures.batches.opened.isEmpty)
    #expect(replayed.figures.batches.unopened > 0 && replayed.figures.recordsRestored == 3040)
  }

  /// The first segment of partition 0, as the broker has it on disk, without what it has allocated beyond the records.
  static func segment(of topic: String, _ broker: Broker) throws -> [UInt8] {
    let directory = broker.node.log.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    let path = "\(directory)/data/\(topic)-0/00000000000000000000.log"
    let file = open(path, O_RDONLY)
    try #require(file >= 0, "\(path)")
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(file, &chunk, chunk.count)
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }
}

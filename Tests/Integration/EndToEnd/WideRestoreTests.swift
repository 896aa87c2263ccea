import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("A Restore of many partitions")
struct WideRestoreTests {
  @Test(
    "Its status stays small; an owner killed in mid-run knows how far its archive reached, which has grown since, and history agrees",
    .broker(.stablePositions))
  func wide() async throws {
    let broker = try await Broker.require([.stablePositions])
    let partitions: Int32 = 300
    let source = try await broker.makeTopic("wide", partitions: partitions)
    let target = try await broker.makeTopic("target", partitions: partitions)
    func fill(_ from: Int, _ count: Int) async throws {
      let producer = try Producer(broker.configuration)
      for partition in 0..<partitions {
        _ = try await producer.send(
          (from..<from + count).map { SampleTopic.record(source, partition, $0, valueBytes: 200) })
      }
      await producer.close()
    }
    try await fill(0, 10)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    func documents(_ rate: Int) -> String {
      thaw.documents(
        "wide", config: "{throttle: {bytesPerSecond: \(rate)}, topics: [{source: \(source), target: \(target)}]}")
    }
    var service = try thaw.serve("--instance", "one")
    try await thaw.thaw("apply", "-f", "-", input: documents(50_000))
    let isMoving = try await eventually(within: .seconds(90)) {
      try await thaw.get("restore", "wide")?["status"]?["progress"]?["recordsRestored"]?.int ?? 0 > 0
    }
    try #require(isMoving, "\(thaw.log)")
    service.send(9)
    #expect(await service.ended() == .killed(signal: 9))
    try await fill(10, 2)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    service = try thaw.serve("--instance", "one")
    try await thaw.thaw("apply", "-f", "-", "--timeout", "60s", input: documents(100_000_000))
    try await thaw.thaw("wait", "wide", "--for", "Done", "--timeout", "90s")
    try await thaw.thaw("wait", "wide", "--for", "condition=Verified", "--timeout", "90s")
    let status = try #require(try await thaw.get("restore", "wide")?["status"])
    #expect(status["controller"]?["sources"] == nil && status.text(.compact).utf8.count < 5000, "\(status)")
    #expect(status["progress"]?["recordsRestored"]?.int == Int64(10 * partitions))
    for partition in [Int32(0), 150, 299] {
      let restored = try await broker.readAll(TopicPartition(target, partition)).map(RecordContent.init)
      let sent = try await broker.readAll(TopicPartition(source, partition)).prefix(10).map(RecordContent.init)
      #expect(restored == sent)
    }
    try await thaw.thaw("audit")
    service.send(15)
    #expect(await service.ended() == .exited(code: 0))
  }
}

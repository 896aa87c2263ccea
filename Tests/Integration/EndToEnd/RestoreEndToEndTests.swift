import JSON
import Kafka
import LocalBroker
import RestoreModel
import TestSupport
import Testing

@Suite("A restore from end to end")
struct RestoreEndToEndTests {
  @Test(
    "What was archived comes back record by record, byte by byte, and is verified",
    .broker(), arguments: BrokerKind.here())
  func whole(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let source = try await SampleTopic.make(on: broker, records: 2000)
    let target = try await broker.makeTopic("target", partitions: 3)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve()
    try await thaw.thaw(
      "apply", "-f", "-",
      input: thaw.documents("whole", config: "{topics: [{source: \(source), target: \(target)}]}"))
    try await thaw.thaw("wait", "whole", "--for", "Done", "--timeout", "60s")
    try await thaw.thaw("wait", "whole", "--for", "condition=Verified", "--timeout", "60s")
    try await expectEqual(source, target, on: broker)

    let restore = try #require(try await thaw.get("restore", "whole"))
    #expect(restore["status"]?["phase"]?.string == "Done")
    let figures = restore["status"]?["progress"]
    #expect(figures?["recordsRestored"]?.int == 4000)
    #expect(figures?["percent"]?.int == 100)
    let verified = restore["status"]?["conditions"]?.array?.first { $0["type"]?.string == "Verified" }
    #expect(verified?["reason"]?.string == "DigestsMatch")

    service.send(15)
    #expect(await service.ended() == .exited(code: 0), "SIGTERM ends the service in order: \(thaw.log)")
  }

  @Test(
    "A service killed -9 in mid-restore and started again restores every record exactly once",
    .broker(.stablePositions), arguments: BrokerKind.here(with: [.stablePositions]))
  func killed(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let records = 20_000
    let source = try await SampleTopic.make(on: broker, records: records, valueBytes: 200)
    let target = try await broker.makeTopic("target", partitions: 3)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    var service = try thaw.serve("--instance", "one")
    // Some eight megabytes: slowly, until it has been killed three times on the way, then as fast as it can.
    func documents(_ bytesPerSecond: Int) -> String {
      thaw.documents(
        "killed",
        config: "{throttle: {bytesPerSecond: \(bytesPerSecond)}, topics: [{source: \(source), target: \(target)}]}")
    }
    try await thaw.thaw("apply", "-f", "-", input: documents(200_000))
    var seen: Int64 = 0
    for kill in 1...3 {
      let moved = try await eventually(within: .seconds(60)) {
        let restored = try await thaw.get("restore", "killed")?["status"]?["progress"]?["recordsRestored"]?.int ?? 0
        defer { if restored > seen { seen = restored } }
        return restored > seen
      }
      try #require(moved, "the restore went on before kill \(kill): \(thaw.log)")
      service.send(9)
      #expect(await service.ended() == .killed(signal: 9))
      service = try thaw.serve("--instance", "one")
    }
    #expect(seen < Int64(2 * records), "the kills came in mid-restore")
    try await thaw.thaw("apply", "-f", "-", "--timeout", "60s", input: documents(100_000_000))
    try await thaw.thaw("wait", "killed", "--for", "Done", "--timeout", "90s")
    let verified = try await thaw.run("wait", "killed", "--for", "condition=Verified", "--timeout", "60s")
    let receipt = verified.code == 0 ? [] : try await thaw.events("killed").suffix(3).map { $0.text(.compact) }
    #expect(verified.code == 0, "\(verified.errors) \(receipt)")
    try await expectEqual(source, target, on: broker)
    let types = try await thaw.events("killed").compactMap { $0["type"]?.string }
    #expect(types.filter { $0 == "RunTakenOver" }.count >= 1)
    #expect(types.filter { $0 == "RunStarted" }.count == 1)
    #expect(types.filter { $0 == "RunCompleted" }.count == 1)
    service.send(15)
    #expect(await service.ended() == .exited(code: 0))
  }
}

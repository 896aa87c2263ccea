import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("Any Kafka client is enough")
struct KcatTests {
  private static var kcat: Program { Program(path: "/usr/bin/kcat") }

  private static func produce(_ thaw: Installation, _ lines: String) async throws {
    let ended = try await kcat.run(
      ["-P", "-b", thaw.servers, "-t", "\(thaw.prefix)commands", "-K="], input: lines + "\n")
    try #require(ended.code == 0, "\(ended.errors)")
  }

  /// Everything in a control topic, as `key value` lines.
  private static func read(_ thaw: Installation, _ topic: String) async throws -> [(key: String, value: String)] {
    let ended = try await kcat.run([
      "-C", "-q", "-b", thaw.servers, "-t", "\(thaw.prefix)\(topic)", "-o", "beginning", "-e",
      "-X", "isolation.level=read_committed", "-f", "%k %s\\n",
    ])
    try #require(ended.code == 0, "\(ended.errors)")
    return ended.lines.map { line in
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      return (parts[0], parts.count > 1 ? parts[1] : "")
    }
  }

  @Test("kcat alone creates, maps, enables and follows a Restore", .broker(), arguments: BrokerKind.here())
  func transcript(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let source = try await SampleTopic.make(on: broker, records: 300)
    let target = try await broker.makeTopic("target", partitions: 3)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve()
    try await Self.produce(
      thaw,
      """
      storages/default/cold={"command":"Create","spec":{"volume":{"path":"\(thaw.archive)"}}}
      eventhubs/default/here={"command":"Create","spec":{"kafka":{"properties":{"bootstrap.servers":"\(thaw.servers)"}}}}
      restores/default/orders={"command":"Create","spec":{"source":"cold","sink":"here","config":{}},"id":"first"}
      restores/default/orders={"command":"MapTopic","source":"\(source)","target":"\(target)"}
      restores/default/orders={"command":"Enable","reason":"the demo"}
      """)
    let done = try await eventually(within: .seconds(60)) {
      try await Self.read(thaw, "status").last { $0.key == "restores/default/orders" }?.value.contains(
        "\"phase\":\"Done\"") ?? false
    }
    #expect(done, "\(thaw.log)")
    try await expectEqual(source, target, on: broker)

    let events = try await Self.read(thaw, "events").filter { $0.key == "restores/default/orders" }
      .map { try JSONValue.parse(Array($0.value.utf8)) }
    let types = events.compactMap { $0["type"]?.string }
    let story = [
      "RestoreCreated", "TopicMapped", "RestoreEnabled", "RunStarted", "RunPlanned", "PreflightPassed",
      "LanePositioned",
      "TopicStarted", "TopicRestored", "RunCompleted",
    ]
    #expect(types.filter(story.contains) == story)
    let outcomes = events.filter { $0["outcome"]?.bool == true }.compactMap { $0["cause"]?["offset"]?.int }
    #expect(outcomes == [2, 3, 4], "every command has exactly one outcome, in order")
    let spec = try await Self.read(thaw, "specs").last { $0.key == "restores/default/orders" }?.value ?? ""
    #expect(spec.contains("\"enabled\":true"))
    service.send(15)
    #expect(await service.ended() == .exited(code: 0))
  }
}

import Glibc
import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("Schema ids on a broker")
struct SchemaMappingTests {
  private func framed(_ id: UInt8, _ text: String) -> [UInt8] { [0, 0, 0, 0, id] + Array(text.utf8) }

  @Test(
    "A mapping out of a file changes ids in keys and values, and what it doesn't map is counted by id", .broker(),
    arguments: BrokerKind.here())
  func file(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let source = try await broker.makeTopic("source")
    let target = try await broker.makeTopic("target")
    let producer = try Producer(broker.configuration)
    _ = try await producer.send([
      OutgoingRecord(topic: source, partition: 0, key: framed(12, "k"), value: framed(13, "v"), timestamp: 1000),
      OutgoingRecord(topic: source, partition: 0, key: framed(99, "k"), value: framed(12, "v"), timestamp: 1001),
      OutgoingRecord(topic: source, partition: 0, key: Array("plain".utf8), value: framed(99, ""), timestamp: 1002),
      OutgoingRecord(topic: source, partition: 0, key: nil, value: Array("none".utf8), timestamp: 1003),
      OutgoingRecord(topic: source, partition: 0, key: [0, 0, 0, 12], value: nil, timestamp: 1004),
    ])
    await producer.close()
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    try #require(mkdir("\(thaw.folder)/maps", 0o755) == 0)
    // As Kubernetes mounts a ConfigMap: links, so that all its files change at once.
    try #require(mkdir("\(thaw.folder)/maps/..2026_09_21", 0o755) == 0)
    try writeFile("\(thaw.folder)/maps/..2026_09_21/ids.yaml", Array("# old: new\n12: 40\n13: 12\n".utf8))
    try #require(symlink("..2026_09_21", "\(thaw.folder)/maps/..data") == 0)
    try #require(symlink("..data/ids.yaml", "\(thaw.folder)/maps/ids.yaml") == 0)
    let service = try thaw.serve("--secret-root", "\(thaw.folder)/maps")
    try await thaw.thaw(
      "apply", "-f", "-",
      input: thaw.documents(
        "ids",
        config:
          "{schemaMappingFrom: {file: \(thaw.folder)/maps/ids.yaml}, topics: [{source: \(source), target: \(target)}]}")
    )
    try await thaw.thaw("wait", "ids", "--for", "condition=Verified", "--timeout", "60s")
    let found = try await broker.readAll(TopicPartition(target, 0))
    #expect(found.map(\.key) == [framed(40, "k"), framed(99, "k"), Array("plain".utf8), nil, [0, 0, 0, 12]])
    #expect(found.map(\.value) == [framed(12, "v"), framed(40, "v"), framed(99, ""), Array("none".utf8), nil])

    let progress = try await thaw.get("restore", "ids")?["status"]?["progress"]
    #expect(progress?["schemaIdsUnmapped"]?.int == 2)
    #expect(progress?["unmappedSchemas"]?[0]?["id"]?.int == 99)
    #expect(progress?["unmappedSchemas"]?[0]?["times"]?.int == 2)
    #expect(progress?["recordsUnframed"]?.int == 2)
    let described = try await thaw.thaw("describe", "restore", "ids").output
    #expect(described.contains("not mapped: 99 (2)"), "\(described)")
    #expect(described.contains("2 records without one"), "\(described)")
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0))
  }
}

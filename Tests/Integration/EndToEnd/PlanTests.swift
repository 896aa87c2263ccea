import Glibc
import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("A dry run")
struct PlanTests {
  /// Everything that a dry run could have left behind: topics (those of Kafka itself too) with their ends, groups, files of the archive.
  private struct Traces: Equatable {
    var ends: [TopicPartition: Int64] = [:]
    var groups: [String] = []
    var files: String

    init(_ thaw: Installation) async throws {
      let admin = try Admin(thaw.broker.configuration)
      (ends, groups) = try await admin.onThread { admin in
        defer { admin.close() }
        var ends: [TopicPartition: Int64] = [:]
        for (name, topic) in try admin.describeCluster(timeout: .seconds(20)).topics {
          for partition in topic.partitions {
            let place = TopicPartition(name, partition.id)
            ends[place] = try admin.watermarks(of: place, isolation: .readUncommitted, timeout: .seconds(20)).high
          }
        }
        return (ends, try admin.listGroups(timeout: .seconds(20)).sorted())
      }
      let list = try await Program(path: "/usr/bin/find").run([thaw.archive, "-printf", "%p %s %T@\\n"])
      files = list.output
    }
  }

  @Test(
    "Of a file and of a Restore that exists: it tells all, and changes nothing in cluster, control topics or archive",
    .broker(),
    arguments: BrokerKind.here())
  func traceless(kind: BrokerKind) async throws {
    let broker = try await Broker.own(kind)
    defer { broker.node.killNow() }
    let source = try await SampleTopic.make(on: broker, records: 500)
    let other = try await SampleTopic.make(on: broker, partitions: 2, records: 10)
    let target = try await broker.makeTopic("target", partitions: 3)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, other, "--to", thaw.archive)
    let created = uniqueName("created")
    let config = """
      {createTargets: missing, parallelism: 2, maxProducers: 2, topics: [{source: \(source), target: \(target), partitions: [
      {number: 0, restoreFromOffset: 100}, {number: 1, restoreUntilOffset: 50}]}, {source: \(other), target: \(created)}]}
      """
    let documents = thaw.documents("dry", config: config)
    let before = try await Traces(thaw)
    let plan = try await thaw.thaw("plan", "-f", "-", "-o", "json", input: documents)
    try await check(plan, target, created)
    #expect(try await Traces(thaw) == before)

    // The same document, known to the service; its enabled is off, so that no run begins.
    let service = try thaw.serve()
    try await thaw.thaw("apply", "-f", "-", input: documents.replacing("enabled: true", with: "enabled: false"))
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0))
    let known = try await Traces(thaw)
    try await check(try await thaw.thaw("plan", "dry", "-o", "json"), target, created)
    #expect(try await Traces(thaw) == known)
  }

  private func check(_ ended: Program.Ended, _ target: String, _ created: String) async throws {
    let plan = try JSONValue.parse(Array(ended.output.utf8))
    #expect(plan["records"]?.int == 460)
    #expect(plan["lanes"]?.array?.count == 2)
    let topics = try #require(plan["topics"]?.array)
    #expect(topics.map { $0["target"]?.string } == [target, created])
    #expect(topics.map { $0["created"]?.bool } == [false, true])
    let partitions = try #require(topics[0]["partitions"]?.array)
    #expect(partitions.map { $0["fromOffset"]?.int } == [100, 0])
    #expect(partitions.map { $0["untilOffset"]?.int } == [500, 50])
    #expect(partitions.map { $0["records"]?.int } == [400, 50])
    #expect(partitions[1]["fromTime"]?.string == "2019-12-31T23:59:09.000Z")
    #expect(plan["preflight"]?["passed"]?.bool == true)
  }

  @Test("A time window is counted exactly, and one that selects nothing is said to", .broker())
  func window() async throws {
    let broker = try await Broker.require()
    let source = try await SampleTopic.make(on: broker, partitions: 2, records: 100)
    let target = try await broker.makeTopic("target", partitions: 2)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    // Records 0 to 9 less the ninth, whose clock was a minute late; and the late ones of the minute after.
    for (until, expected) in [("2020-01-01T00:00:10Z", 16), ("2019-01-01T00:00:00Z", 0)] as [(String, Int64)] {
      let ended = try await thaw.thaw(
        "plan", "-f", "-", "-o", "json",
        input: thaw.documents(
          "window", config: "{restoreUntilDateTime: \"\(until)\", topics: [{source: \(source), target: \(target)}]}"))
      let plan = try JSONValue.parse(Array(ended.output.utf8))
      #expect(plan["records"]?.int == expected, "\(until)")
    }
  }
}

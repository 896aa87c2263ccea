import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("Bad input gets its own clear error, and stops nothing else")
struct BadInputTests {
  @Test(
    "Records that are no commands are each rejected with the reason, and a good one after them is decided", .broker())
  func records() async throws {
    let broker = try await Broker.require()
    let thaw = try await Installation(on: broker)
    let service = try thaw.serve()
    let producer = try Producer(broker.configuration)
    let good = Array("storages/default/good".utf8)
    let restore = Array("restores/default/bad".utf8)
    let bad: [(key: [UInt8]?, value: [UInt8]?, reason: String)] = [
      (restore, Array("{\"command\":\"Enable\",".utf8), "Malformed"),
      (restore, Array("[1]".utf8), "Malformed"),
      (restore, [0xff, 0xfe, 0x00], "Malformed"),
      (restore, nil, "Malformed"),
      (restore, [], "Malformed"),
      (restore, Array("{\"command\":\"Enabel\"}".utf8), "Malformed"),
      (restore, Array("{\"command\":\"Enable\",\"sped\":1}".utf8), "Malformed"),
      (restore, Array("{\"command\":\"Enable\"}".utf8), "NotFound"),
      (nil, Array("{\"command\":\"Enable\"}".utf8), "Malformed"),
      (Array("nonsense".utf8), Array("{\"command\":\"Enable\"}".utf8), "Malformed"),
      (
        restore, Array("{\"command\":\"Create\",\"spec\":{\"source\":\"s\",\"snik\":\"x\",\"config\":{}}}".utf8),
        "Invalid"
      ),
      (restore, Array("{\"command\":\"Enable\",\"version\":2}".utf8), "NewerVersion"),
    ]
    for record in bad {
      _ = try await producer.send(
        OutgoingRecord(topic: "\(thaw.prefix)commands", partition: 0, key: record.key, value: record.value))
    }
    let last = try await producer.send(
      OutgoingRecord(
        topic: "\(thaw.prefix)commands", partition: 0, key: good,
        value: Array("{\"command\":\"Create\",\"spec\":{\"volume\":{\"path\":\"\(thaw.archive)\"}}}".utf8)))
    await producer.close()
    let decided = try await eventually(within: .seconds(30)) { try await thaw.get("storage", "good") != nil }
    #expect(decided, "\(thaw.log)")

    let outcomes = try await thaw.events().filter { $0["outcome"]?.bool == true }
    try #require(outcomes.compactMap { $0["cause"]?["offset"]?.int } == Array(0...Int64(bad.count)))
    #expect(last.offset == Int64(bad.count))
    for (index, record) in bad.enumerated() {
      #expect(outcomes[index]["type"]?.string == "CommandRejected")
      #expect(outcomes[index]["data"]?["reason"]?.string == record.reason, "record \(index)")
    }
    #expect(outcomes[5].description.contains("Enable"), "a misspelt command names the likely one")
    #expect(outcomes[10].description.contains("snik") && outcomes[10].description.contains("sink"))
    service.send(15)
    #expect(await service.ended() == .exited(code: 0))
  }

  @Test(
    "A Restore whose Storage is missing is Invalid with that reason, and starts by itself when it appears", .broker())
  func missingStorage() async throws {
    let broker = try await Broker.require()
    let source = try await SampleTopic.make(on: broker, records: 50)
    let target = try await broker.makeTopic("target", partitions: 3)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve()
    let documents = thaw.documents("heals", config: "{topics: [{source: \(source), target: \(target)}]}")
      .split(separator: "---\n").map(String.init)
    try await thaw.thaw("apply", "-f", "-", input: documents[1] + "---\n" + documents[2])
    let invalid = try #require(try await thaw.get("restore", "heals"))
    #expect(invalid["status"]?["phase"]?.string == "Invalid")
    let valid = invalid["status"]?["conditions"]?.array?.first { $0["type"]?.string == "Valid" }
    #expect(valid?["reason"]?.string == "SpecInvalid")
    #expect(valid?["message"]?.string?.contains("cold") == true)
    let waiting = try await thaw.thaw("wait", "heals", "--for", "Done", "--timeout", "5s", code: 1)
    #expect(waiting.errors.contains("Invalid"))
    try await thaw.thaw("apply", "-f", "-", input: documents[0])
    try await thaw.thaw("wait", "heals", "--for", "Done", "--timeout", "60s")
    try await expectEqual(source, target, on: broker)
    service.send(15)
    #expect(await service.ended() == .exited(code: 0))
  }

  @Test(
    "A missing archive, a missing target and a damaged segment each fail their own Restore by name; another one completes",
    .broker())
  func damaged() async throws {
    let broker = try await Broker.require()
    let source = try await SampleTopic.make(on: broker, records: 500)
    let hurt = try await SampleTopic.make(on: broker, records: 500)
    let target = try await broker.makeTopic("target", partitions: 3)
    let other = try await broker.makeTopic("other", partitions: 3)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, hurt, "--to", thaw.archive)
    let segment = "\(thaw.archive)/\(hurt)/0/00000000000000000000.log"
    var bytes = try readFile(segment)
    bytes[bytes.count / 2] ^= 0x40
    try writeFile(segment, bytes)
    let service = try thaw.serve()
    let cases: [(name: String, config: String, reason: [String])] = [
      ("damaged", "{topics: [{source: \(hurt), target: \(other)}]}", ["00000000000000000000.log"]),
      ("absent", "{topics: [{source: nowhere, target: \(other)}]}", ["nowhere"]),
      ("untargeted", "{topics: [{source: \(source), target: \(uniqueName("no-such"))}]}", ["no-such"]),
      ("fine", "{topics: [{source: \(source), target: \(target)}]}", []),
    ]
    for entry in cases {
      try await thaw.thaw("apply", "-f", "-", input: thaw.documents(entry.name, config: entry.config))
    }
    try await thaw.thaw("wait", "fine", "--for", "Done", "--timeout", "60s")
    for entry in cases.dropLast() {
      let failed = try await thaw.thaw("wait", entry.name, "--for", "Done", "--timeout", "60s", code: 1)
      for word in entry.reason { #expect(failed.errors.contains(word), "\(entry.name): \(failed.errors)") }
      #expect(try await thaw.get("restore", entry.name)?["status"]?["phase"]?.string == "Failed")
    }
    try await expectEqual(source, target, on: broker)
    service.send(15)
    #expect(await service.ended() == .exited(code: 0))
  }

  @Test("A sink out of reach is waited for, in words on the condition, and holds up nobody else", .broker())
  func sinkOutOfReach() async throws {
    let broker = try await Broker.require()
    let source = try await SampleTopic.make(on: broker, records: 50)
    let target = try await broker.makeTopic("target", partitions: 3)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve()
    let config = "{topics: [{source: \(source), target: \(target)}]}"
    let unreachable = thaw.documents("stuck", config: config)
      .replacing("name: here", with: "name: gone").replacing("sink: here", with: "sink: gone")
      .replacing(thaw.servers, with: "127.0.0.1:1")
    try await thaw.thaw("apply", "-f", "-", input: unreachable)
    try await thaw.thaw("apply", "-f", "-", input: thaw.documents("fine", config: config))
    try await thaw.thaw("wait", "fine", "--for", "Done", "--timeout", "60s")
    let told = try await eventually(within: .seconds(60)) {
      let status = try await thaw.get("restore", "stuck")?["status"]
      let job = status?["conditions"]?.array?.first { $0["type"]?.string == "JobCompleted" }
      return job?["message"]?.string?.contains("127.0.0.1:1") == true && status?["phase"]?.string == "Initializing"
    }
    #expect(told, "\(thaw.log)")
    // Nothing was written, so nothing has to be sealed: it goes at once.
    try await thaw.thaw("delete", "restore", "stuck")
    #expect(try await thaw.get("restore", "stuck") == nil)
    try await expectEqual(source, target, on: broker)
    service.send(15)
    #expect(await service.ended() == .exited(code: 0))
  }

  @Test("The command line says what is wrong with a document, where, and what was meant")
  func documents() async throws {
    let cases: [(document: String, code: Int32, said: [String])] = [
      ("kind: Restore\n  metadata: [", 1, ["line 2"]),
      (
        "apiVersion: kannika.io/v1alpha\nkind: Restore\nmetadata: {name: a}\n"
          + "spec: {source: s, sink: k, config: {paralelism: 3}}\n", 1, ["config.paralelism", "parallelism"]
      ),
      (
        "apiVersion: kannika.io/v1alpha\nkind: Restore\nmetadata: {name: a}\nspec: {source: s, sink: k, config: {topics: ["
          + "{source: a, target: c}, {source: b, target: c}]}}\n", 1,
        ["restores/default/a", "config.topics[1].target", "\"c\""]
      ),
      ("apiVersion: kannika.io/v1alpha\nkind: Restor\nmetadata: {name: a}\nspec: {}\n", 1, ["kind", "Restore"]),
    ]
    for entry in cases {
      let ended = try await Program.thaw.run(
        ["apply", "-f", "-", "--bootstrap-servers", "127.0.0.1:1"], input: entry.document)
      #expect(ended.code == entry.code, "\(entry.document): \(ended.errors)")
      for word in entry.said { #expect(ended.errors.contains(word), "\(ended.errors)") }
      #expect(ended.output.isEmpty)
    }
  }

  @Test("A broker that doesn't answer is named, with exit code 5")
  func unreachable() async throws {
    let ended = try await Program.thaw.run(["get", "restores", "--bootstrap-servers", "127.0.0.1:1", "--timeout", "2s"])
    #expect(ended.code == 5, "\(ended.errors)")
    #expect(ended.errors.contains("127.0.0.1:1"))
    #expect(ended.errors.contains("--bootstrap-servers"))
  }
}

import Glibc
import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("Two services side by side")
struct SideBySideTests {
  /// Both of a suite's installation: `one` owns, `two` stands by.
  private func pair(
    on broker: Broker, session: String = "10s"
  ) async throws -> (thaw: Installation, one: ChildProcess, two: ChildProcess) {
    let thaw = try await Installation(on: broker)
    let one = try thaw.serve("--instance", "one", "-v", session: session)
    try #require(try await eventually(within: .seconds(60)) { thaw.log.contains("one owns") }, "\(thaw.log)")
    let two = try thaw.serve("--instance", "two", "-v", session: session)
    try #require(try await eventually(within: .seconds(60)) { thaw.log.contains("two has joined") }, "\(thaw.log)")
    return (thaw, one, two)
  }

  private func apache() async throws -> Broker { try await Broker.shared(.apache) }

  @Test("The owner is killed -9: the standby decides once the session has ended", .broker(.groupFencing))
  func killed() async throws {
    let (thaw, one, two) = try await pair(on: try await apache())
    try await thaw.thaw("apply", "-f", "-", input: thaw.storage("before"))
    one.send(SIGKILL)
    #expect(await one.ended() == .killed(signal: SIGKILL))
    let began = ContinuousClock.now
    try await thaw.thaw("apply", "-f", "-", "--timeout", "60s", input: thaw.storage("after"))
    let took = ContinuousClock.now - began
    // Ten seconds of session; the rest is room for a machine that does other things as well.
    #expect(took < .seconds(45), "\(took): \(thaw.log)")
    try await thaw.expectOwners(["one", "two"])
    two.send(SIGTERM)
    #expect(await two.ended() == .exited(code: 0), "\(thaw.log)")
  }

  @Test("The owner is told to stop: the standby decides at once", .broker(.groupFencing))
  func handOver() async throws {
    let (thaw, one, two) = try await pair(on: try await apache(), session: "110s")
    try await thaw.thaw("apply", "-f", "-", input: thaw.storage("before"))
    let began = ContinuousClock.now
    one.send(SIGTERM)
    try await thaw.thaw("apply", "-f", "-", "--timeout", "60s", input: thaw.storage("after"))
    let took = ContinuousClock.now - began
    #expect(took < .seconds(60), "shorter than the session, \(took): \(thaw.log)")
    #expect(await one.ended() == .exited(code: 0), "\(thaw.log)")
    try await thaw.expectOwners(["one", "two"])
    two.send(SIGTERM)
    #expect(await two.ended() == .exited(code: 0), "\(thaw.log)")
  }

  @Test(
    "The owner is frozen in mid-restore and wakes after the standby took over: it writes nothing more",
    .broker(.groupFencing))
  func frozen() async throws {
    let broker = try await apache()
    let records = 8000
    let source = try await SampleTopic.make(on: broker, records: records, valueBytes: 200)
    let target = try await broker.makeTopic("target", partitions: 3)
    let (thaw, one, two) = try await pair(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    func documents(_ bytesPerSecond: Int) -> String {
      thaw.documents(
        "orders",
        config: "{throttle: {bytesPerSecond: \(bytesPerSecond)}, topics: [{source: \(source), target: \(target)}]}")
    }
    try await thaw.thaw("apply", "-f", "-", input: documents(15_000))
    let before = try await thaw.awaitProgress("orders", beyond: 0)
    one.send(SIGSTOP)
    try #require(try await eventually(within: .seconds(60)) { thaw.log.contains("two owns") }, "\(thaw.log)")
    // The new owner has taken over the lane as well, and moves it on.
    try await thaw.awaitProgress("orders", beyond: before)
    one.send(SIGCONT)
    let restored = try await thaw.restored("orders")
    try await thaw.awaitProgress("orders", beyond: restored)
    #expect(one.exit == nil, "whoever lost the partition stands by: \(thaw.log)")
    try await thaw.thaw("apply", "-f", "-", "--timeout", "60s", input: documents(100_000_000))
    try await thaw.thaw("wait", "orders", "--for", "Done", "--timeout", "110s")
    try await thaw.thaw("wait", "orders", "--for", "condition=Verified", "--timeout", "60s")
    try await expectEqual(source, target, on: broker)
    try await thaw.expectOwners(["one", "two"])

    // It isn't lost: it is the standby now, and takes over in its turn.
    two.send(SIGTERM)
    #expect(await two.ended() == .exited(code: 0), "\(thaw.log)")
    try await thaw.thaw("apply", "-f", "-", "--timeout", "60s", input: thaw.storage("after"))
    try await thaw.expectOwners(["one", "two", "one"])
    one.send(SIGTERM)
    #expect(await one.ended() == .exited(code: 0), "\(thaw.log)")
  }

  @Test(
    "A client's transaction that never ends: what stands before it is decided, and the service says what to do",
    .broker(.lastStableOffset))
  func openTransaction() async throws {
    let thaw = try await Installation(on: try await Broker.require([.lastStableOffset]))
    let commands = "\(thaw.prefix)commands"
    func command(_ name: String) -> OutgoingRecord {
      OutgoingRecord(
        topic: commands, partition: 0, key: Array("storages/default/\(name)".utf8),
        value: Array(#"{"command":"Create","spec":{"volume":{"path":"\#(thaw.archive)"}}}"#.utf8))
    }
    let inside = command("inside")
    let plain = try Producer(thaw.broker.configuration)
    _ = try await plain.send(command("before"))
    let foreign = try thaw.broker.foreignProducer()
    try await foreign.onThread { foreign in
      try foreign.initTransactions(timeout: .seconds(20))
      try foreign.begin()
      try foreign.produce(inside)
      try foreign.flush(timeout: .seconds(30))
    }
    _ = try await plain.send(command("behind"))
    await plain.close()
    // It takes over with the transaction open already.
    let service = try thaw.serve("--instance", "one")
    #expect(
      try await eventually(within: .seconds(60)) { try await thaw.get("storage", "before") != nil }, "\(thaw.log)")
    var condition: JSONValue?
    let told = try await eventually(within: .seconds(60)) {
      condition = try await thaw.serviceConditions().first { $0["type"]?.string == "TopicsReadable" }
      return condition?["status"]?.string == "False"
    }
    #expect(told, "\(thaw.log)")
    let message = condition?["message"]?.string ?? ""
    #expect(message.contains("\(commands)-0") && message.contains("offset 1"), "\(message)")
    #expect(message.contains("abort"), "\(message)")
    #expect(try await thaw.get("storage", "behind") == nil)
    try await foreign.onThread { foreign in
      try foreign.abort(timeout: .seconds(30))
      foreign.close()
    }
    #expect(
      try await eventually(within: .seconds(60)) { try await thaw.get("storage", "behind") != nil }, "\(thaw.log)")
    #expect(try await thaw.get("storage", "inside") == nil)
    let passed = try await eventually(within: .seconds(60)) {
      try await thaw.serviceConditions().contains {
        $0["type"]?.string == "TopicsReadable" && $0["status"]?.string == "True"
      }
    }
    #expect(passed, "\(thaw.log)")
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0), "\(thaw.log)")
  }
}

extension Installation {
  func storage(_ name: String) -> String {
    """
    apiVersion: kannika.io/v1alpha
    kind: Storage
    metadata: {name: \(name)}
    spec: {volume: {path: "\(archive)"}}
    """
  }

  /// The latest under the key `installation` of `status`.
  func serviceConditions() async throws -> [JSONValue] {
    let records = try await broker.readAll(TopicPartition("\(prefix)status", 0))
    guard let value = records.last(where: { $0.key == Array("installation".utf8) })?.value else { return [] }
    return try JSONValue.parse(value)["conditions"]?.array ?? []
  }

  /// The owners so far, one after the other: in all three topics no record of an owner follows one of a later owner.
  func expectOwners(_ instances: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let events = try await broker.readAll(TopicPartition("\(prefix)events", 0)).map {
      try JSONValue.parse(try #require($0.value))
    }
    let owners = events.filter { $0["type"]?.string == "OwnerChanged" }.compactMap { $0["data"]?["instance"]?.string }
    #expect(owners == instances, "\(log)", sourceLocation: sourceLocation)
    let epochs = events.compactMap { $0["epoch"]?.int }
    #expect(epochs == epochs.sorted() && epochs.last == Int64(owners.count), "\(log)", sourceLocation: sourceLocation)
    let sequences = events.compactMap { $0["sequence"]?.int }
    #expect(sequences == Array(1...Int64(max(1, events.count))), sourceLocation: sourceLocation)
    for topic in ["specs", "status"] {
      let written = try await broker.readAll(TopicPartition("\(prefix)\(topic)", 0)).compactMap { record in
        record.headers.first { $0.name == "epoch" }?.value.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
      }
      #expect(!written.isEmpty && written == written.sorted(), "epochs in \(topic)", sourceLocation: sourceLocation)
    }
  }
}

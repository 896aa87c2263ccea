import Glibc
import JSON
import Kafka
import LocalBroker
import RestoreModel
import TestSupport
import Testing

/// `thaw serve` is killed -9 at one named place of a run, and another is started: every place between two things that are recorded, in the
/// control topics or in the sink.
@Suite("A service killed -9")
struct KillMatrixTests {
  typealias Expect = RestoreExpectations

  /// A restore that is cut short somewhere: its archive has two partitions with gaps in their offsets.
  struct Scene {
    let thaw: Installation
    let archive: TestArchive
    let records: [TestRecord]
    let target: String

    init() async throws {
      thaw = try await Installation(on: try await Broker.require([.stablePositions]))
      archive = try TestArchive()
      records = Expect.varied(1000, size: 3)
      try archive.write("orders", [records, records])
      target = try await thaw.broker.makeTopic("target", partitions: 2)
    }

    func documents(bytesPerSecond: Int? = nil, delivery: String? = nil, _ path: RecordPath = .auto) -> String {
      let throttle =
        (bytesPerSecond.map { "throttle: {bytesPerSecond: \($0)}, " } ?? "")
        + (delivery.map { "delivery: \($0), " } ?? "") + "recordPath: \(path.rawValue), "
      return thaw.documents(
        "orders", archive: archive.path, config: "{\(throttle)topics: [{source: orders, target: \(target)}]}")
    }

    /// A place that is never reached is a failure, not a wait for ever.
    func expectDeath(of process: ChildProcess, at place: String) async throws {
      let timer = Task {
        try await Task.sleep(for: .seconds(150))
        Issue.record("it never came to \(place): \(thaw.log)")
        process.send(SIGKILL)
      }
      defer { timer.cancel() }
      #expect(await process.ended() == .killed(signal: SIGKILL), "\(thaw.log)")
    }

    /// Serves until `place`, and is gone.
    func die(at place: String) throws -> ChildProcess {
      try Program.mortal.start(
        ["--die-at", place, "--volume-root", archive.path], environment: thaw.environment,
        streams: "</dev/null >>\(thaw.folder)/serve.log 2>&1")
    }

    func restart() throws -> ChildProcess { try thaw.serve("--instance", "mortal", root: archive.path) }

    /// Read from the target by a plain consumer, record by record.
    func expectEveryRecordOnce() async throws {
      try await thaw.thaw("wait", "orders", "--for", "Done", "--timeout", "110s")
      for partition in [Int32(0), 1] { try await Expect.expect(records, in: thaw.broker, target, partition) }
      try await thaw.thaw("wait", "orders", "--for", "condition=Verified", "--timeout", "110s")
      let types = try await thaw.events("orders").compactMap { $0["type"]?.string }
      for once in ["RunStarted", "RunPlanned", "TopicRestored", "RunCompleted", "RunVerified"] {
        #expect(types.count { $0 == once } == 1, "\(once) in \(types)")
      }
      #expect(!types.contains("RunFailed"), "\(types)")
    }
  }

  @Test(
    "The next one restores every record exactly once, in order, wherever the first one died", .broker(.stablePositions),
    arguments: [
      "work:prepare", "fact:planned", "work:planned", "fact:preflightPassed",
      "work:lane", "step:tookOver:1", "step:fetchedPositions:1", "step:sentStartPositions:1",
      "step:committedStartPositions:1", "fact:positioned", "work:positioned",
      "step:beganTransaction:1", "step:sentRecords:1", "step:sentRecords:2", "step:drained:2", "step:sentPositions:1",
      "step:sentPositions:2", "step:committed:1", "step:committed:2", "fact:topicRestored",
      "work:verify", "step:readBack:1", "fact:verified",
    ], RecordPath.allCases)
  func killed(at place: String, _ path: RecordPath) async throws {
    let scene = try await Scene()
    let first = try scene.die(at: place)
    try await scene.thaw.thaw("apply", "-f", "-", input: scene.documents(path))
    try await scene.expectDeath(of: first, at: place)
    let second = try scene.restart()
    try await scene.expectEveryRecordOnce()
    second.send(SIGTERM)
    #expect(await second.ended() == .exited(code: 0), "\(scene.thaw.log)")
  }

  @Test(
    "A pause is brought to its end by the next one, wherever the first one died, and then nothing is sent",
    .broker(.stablePositions), arguments: ["work:seal", "step:sentClaim:1", "step:committedClaim:1", "fact:sealed"])
  func killed(pausingAt place: String) async throws {
    let scene = try await Scene()
    let first = try scene.die(at: place)
    try await scene.thaw.thaw("apply", "-f", "-", input: scene.documents(bytesPerSecond: 2_000))
    try await scene.thaw.awaitProgress("orders", beyond: 0)
    try await scene.thaw.thaw("pause", "orders")
    try await scene.expectDeath(of: first, at: place)
    let second = try scene.restart()
    try await scene.thaw.thaw("wait", "orders", "--for", "Paused", "--timeout", "110s")
    let here = try await scene.thaw.broker.readAll(TopicPartition(scene.target, 0)).count
    #expect(here < scene.records.count)
    try await scene.thaw.thaw("apply", "-f", "-", input: scene.documents())
    try await scene.expectEveryRecordOnce()
    second.send(SIGTERM)
    #expect(await second.ended() == .exited(code: 0), "\(scene.thaw.log)")
  }

  @Test(
    "At least once, nothing is missing and all is in order, wherever the first one died; the receipt vouches for nothing",
    .broker(.stablePositions),
    arguments: [
      "step:sentStartPositions:1", "fact:positioned", "step:sentRecords:2", "step:drained:2", "step:sentPositions:2",
      "step:committed:2",
    ], RecordPath.allCases)
  func killedAtLeastOnce(at place: String, _ path: RecordPath) async throws {
    let scene = try await Scene()
    let first = try scene.die(at: place)
    let documents = scene.documents(delivery: "at-least-once", path)
    try await scene.thaw.thaw("apply", "-f", "-", input: documents)
    try await scene.expectDeath(of: first, at: place)
    let second = try scene.restart()
    try await scene.thaw.thaw("wait", "orders", "--for", "Done", "--timeout", "110s")
    for partition in [Int32(0), 1] {
      let found = try await scene.thaw.broker.readAll(TopicPartition(scene.target, partition))
      // Every record has a timestamp of its own. What was sent again begins where a position was, and goes on in order.
      var seen: Set<Int64> = []
      let fresh = found.filter { seen.insert($0.timestamp).inserted }
      #expect(fresh.map(\.timestamp) == scene.records.map(\.timestamp))
      #expect(fresh.map(\.value) == scene.records.map(\.value) && fresh.map(\.key) == scene.records.map(\.key))
      // One transaction's worth at most, in both partitions together.
      #expect(found.count - fresh.count < 400, "\(found.count) of \(fresh.count)")
    }
    let verified = try await eventually(within: .seconds(120)) {
      let conditions = try await scene.thaw.get("restore", "orders")?["status"]?["conditions"]?.array
      return conditions?.first { $0["type"]?.string == "Verified" }?["reason"]?.string == "NotFenced"
    }
    #expect(verified, "\(scene.thaw.log)")
    second.send(SIGTERM)
    #expect(await second.ended() == .exited(code: 0), "\(scene.thaw.log)")
  }

  @Test(
    "A deletion is brought to its end by the next one, wherever the first one died, and then nothing is sent",
    .broker(.stablePositions), arguments: ["work:seal", "step:committedClaim:1", "fact:sealed"])
  func killed(deletingAt place: String) async throws {
    let scene = try await Scene()
    let first = try scene.die(at: place)
    try await scene.thaw.thaw("apply", "-f", "-", input: scene.documents(bytesPerSecond: 2_000))
    try await scene.thaw.awaitProgress("orders", beyond: 0)
    try await scene.thaw.thaw("delete", "restore", "orders", "--no-wait")
    try await scene.expectDeath(of: first, at: place)
    let second = try scene.restart()
    let isGone = try await eventually(within: .seconds(120)) { try await scene.thaw.get("restore", "orders") == nil }
    #expect(isGone, "\(scene.thaw.log)")
    let here = try await scene.thaw.broker.readAll(TopicPartition(scene.target, 0)).count
    #expect(here < scene.records.count)
    second.send(SIGTERM)
    #expect(await second.ended() == .exited(code: 0), "\(scene.thaw.log)")
    #expect(try await scene.thaw.broker.readAll(TopicPartition(scene.target, 0)).count == here)
  }
}

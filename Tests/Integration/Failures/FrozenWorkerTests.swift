import Glibc
import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

/// `thaw serve` stops with SIGSTOP when it has decided what people ask, before it has done anything about it, and its worker stands in the middle of a
/// transaction. Another one brings it to its end; then the first wakes and goes on. Only the seal keeps its transaction from being committed.
@Suite("A worker that wakes up late")
struct FrozenWorkerTests {
  typealias Expect = RestoreExpectations

  struct Scene {
    let base: KillMatrixTests.Scene
    let frozen: ChildProcess
    let second: ChildProcess

    var thaw: Installation { base.thaw }

    /// - Parameter command: of the command line, without the name at its end.
    init(_ command: String...) async throws {
      base = try await KillMatrixTests.Scene()
      let thaw = base.thaw
      let frozen = try Program.mortal.start(
        ["--hold-at", "step:drained:2", "--stop-at", "work:seal", "--volume-root", base.archive.path],
        environment: thaw.environment, streams: "</dev/null >>\(thaw.folder)/serve.log 2>&1")
      self.frozen = frozen
      try await thaw.thaw("apply", "-f", "-", input: base.documents())
      try #require(try await eventually(within: .seconds(120)) { thaw.log.contains("mortal: holds") }, "\(thaw.log)")
      let asked = try await Program.thaw.run(command + ["orders", "--timeout", "60s"], environment: thaw.environment)
      #expect(asked.code == 0, "\(asked.errors)\(thaw.log)")
      try #require(try await eventually(within: .seconds(120)) { Self.isStopped(frozen) }, "\(thaw.log)")
      second = try thaw.serve("--instance", "second", root: base.archive.path)
      try #require(try await eventually(within: .seconds(120)) { thaw.log.contains("second owns") }, "\(thaw.log)")
    }

    private static func isStopped(_ process: ChildProcess) -> Bool {
      let stat = (try? readFile("/proc/\(process.id)/stat")).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return stat.split(separator: ")").last?.hasPrefix(" T") ?? false
    }

    /// Per partition, as a reader of committed records sees them.
    func visible() async throws -> [[ConsumedRecord]] {
      var found: [[ConsumedRecord]] = []
      for partition in [Int32(0), 1] {
        found.append(try await thaw.broker.readAll(TopicPartition(base.target, partition)))
      }
      return found
    }

    /// It goes on where it stood, finds out, and becomes the owner again: by then all it had under way is over.
    func wake() async throws {
      frozen.send(SIGCONT)
      second.send(SIGTERM)
      #expect(await second.ended() == .exited(code: 0), "\(thaw.log)")
      let isBack = try await eventually(within: .seconds(120)) {
        let owners = try await thaw.events().filter { $0["type"]?.string == "OwnerChanged" }
        return owners.last?["data"]?["instance"]?.string == "mortal"
      }
      try #require(isBack, "\(thaw.log)")
      #expect(frozen.exit == nil, "\(thaw.log)")
    }

    func end() async {
      frozen.send(SIGKILL)
      _ = await frozen.ended()
    }
  }

  @Test("Its run was paused: it commits nothing, and a resume restores what is left", .broker(.stablePositions))
  func paused() async throws {
    let scene = try await Scene("pause")
    try await scene.thaw.thaw("wait", "orders", "--for", "Paused", "--timeout", "110s")
    let before = try await scene.visible()
    try await scene.wake()
    #expect(try await scene.visible() == before)
    try await scene.thaw.thaw("resume", "orders", "--timeout", "60s")
    try await scene.base.expectEveryRecordOnce()
    await scene.end()
  }

  @Test("Its run was deleted: it commits nothing", .broker(.stablePositions))
  func deleted() async throws {
    let scene = try await Scene("delete", "restore")
    let isGone = try await eventually(within: .seconds(120)) {
      try await scene.thaw.events("orders").contains { $0["type"]?.string == "RestoreDeleted" }
    }
    try #require(isGone, "\(scene.thaw.log)")
    let before = try await scene.visible()
    try await scene.wake()
    #expect(try await scene.visible() == before)
    await scene.end()
  }

  @Test("Its run was restarted: what it commits is nothing, and the new run restores all", .broker(.stablePositions))
  func restarted() async throws {
    let scene = try await Scene("restart")
    let isDone = try await eventually(within: .seconds(120)) {
      let status = try await scene.thaw.get("restore", "orders")?["status"]
      return status?["run"]?.int == 2 && status?["phase"]?.string == "Done"
    }
    try #require(isDone, "\(scene.thaw.log)")
    let before = try await scene.visible()
    try await scene.wake()
    #expect(try await scene.visible() == before)
    for partition in before {
      // What the first run had committed, then the whole of the second.
      let values = partition.map(\.value)
      let first = values.count - scene.base.records.count
      #expect(first >= 0 && first < scene.base.records.count)
      #expect(values.suffix(scene.base.records.count) == scene.base.records.map(\.value)[...])
      #expect(values.prefix(max(0, first)) == scene.base.records.map(\.value).prefix(max(0, first)))
    }
    await scene.end()
  }
}

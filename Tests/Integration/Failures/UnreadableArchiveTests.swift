import Glibc
import JSON
import LocalBroker
import TestSupport
import Testing

@Suite("An archive that the service may not read")
struct UnreadableArchiveTests {
  /// A service that permissions hold for: root passes them unless it does without that power.
  private func serve(_ thaw: Installation, _ archive: TestArchive) throws -> ChildProcess {
    let streams = "</dev/null >>\(thaw.folder)/serve.log 2>&1"
    let arguments = ["serve", "--volume-root", archive.path, "--session-timeout", "10s"]
    guard geteuid() == 0 else {
      return try Program.thaw.start(arguments, environment: thaw.environment, streams: streams)
    }
    let without = "-dac_override,-dac_read_search"
    return try Program(path: "/usr/bin/setpriv").start(
      ["--bounding-set=\(without)", "--inh-caps=\(without)", Program.thaw.path] + arguments,
      environment: thaw.environment, streams: streams)
  }

  @Test(
    "The file and the refusal are named, before a run or when a topic's turn comes; allowed again, a retry goes on",
    .broker(), arguments: [false, true])
  func permissions(inMidst: Bool) async throws {
    let thaw = try await Installation(on: try await Broker.require())
    let archive = try TestArchive()
    let records = RestoreExpectations.varied(2000, size: 3)
    for topic in ["first", "second"] { try archive.write(topic, [records]) }
    let targets = [try await thaw.broker.makeTopic("target"), try await thaw.broker.makeTopic("target")]
    func documents(_ bytesPerSecond: Int) -> String {
      thaw.documents(
        "orders", archive: archive.path,
        config: "{throttle: {bytesPerSecond: \(bytesPerSecond)}, topics: [{source: first, target: \(targets[0])}, "
          + "{source: second, target: \(targets[1])}]}")
    }
    let hidden = inMidst ? "\(archive.path)/second/0" : "\(archive.path)/second"
    if !inMidst { try #require(chmod(hidden, 0) == 0) }
    defer { chmod(hidden, 0o755) }
    let service = try serve(thaw, archive)
    try await thaw.thaw("apply", "-f", "-", input: documents(20_000))
    if inMidst {
      try await thaw.awaitProgress("orders", beyond: 0)
      try #require(chmod(hidden, 0) == 0)
      try await thaw.thaw("apply", "-f", "-", input: documents(100_000_000))
    }
    let failed = try await thaw.thaw("wait", "orders", "--for", "Done", "--timeout", "60s", code: 1)
    #expect(failed.errors.contains("Permission denied") && failed.errors.contains(hidden), "\(failed.errors)")
    #expect(try await thaw.get("restore", "orders")?["status"]?["phase"]?.string == "Failed")
    try #require(chmod(hidden, 0o755) == 0)
    try await thaw.thaw("retry", "orders")
    try await thaw.thaw("apply", "-f", "-", input: documents(100_000_000))
    try await thaw.thaw("wait", "orders", "--for", "condition=Verified", "--timeout", "60s")
    for target in targets { try await RestoreExpectations.expect(records, in: thaw.broker, target) }
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0), "\(thaw.log)")
  }
}

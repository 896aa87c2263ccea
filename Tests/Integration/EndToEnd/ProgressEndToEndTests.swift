import Glibc
import JSON
import LocalBroker
import TestSupport
import Testing

@Suite("What the command line shows of a run")
struct ProgressEndToEndTests {
  /// An installation with 400 kB archived, and a document that restores them at a rate, from a file.
  private func prepare(
    _ name: String, _ broker: Broker, bytesPerSecond: Int
  ) async throws -> (thaw: Installation, file: String) {
    let source = try await SampleTopic.make(on: broker, partitions: 2, records: 2000, valueBytes: 250)
    let target = try await broker.makeTopic("target", partitions: 2)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let config =
      "{throttle: {bytesPerSecond: \(bytesPerSecond)}, topics: [{source: \(source), target: \(target)}]}"
    let file = "\(thaw.folder)/\(name).yaml"
    try writeFile(file, Array(thaw.documents(name, config: config).utf8))
    return (thaw, file)
  }

  @Test("apply --wait draws a bar on a terminal, and writes plain lines where there is none", .broker())
  func bar() async throws {
    let broker = try await Broker.require()
    let (thaw, file) = try await prepare("shown", broker, bytesPerSecond: 70_000)
    let service = try thaw.serve()
    let terminal = try await Program(path: "/usr/bin/script").run(
      ["-qec", "stty cols 150 && \(Program.thaw.path) apply --wait -f \(file)", "/dev/null"],
      environment: thaw.environment)
    #expect(terminal.code == 0, "\(terminal.output)")
    let drawn = terminal.output.split(separator: "\r\u{1B}[2K").map(String.init)
    #expect(drawn.count > 2, "\(terminal.output)")
    #expect(
      drawn.contains {
        $0.hasPrefix("shown 🚀 Restoring  [█") && $0.contains("·]") && $0.contains("% ")
          && $0.contains(" of 2,000 records")
          && $0.contains("kB/s") && $0.contains(" left")
      }, "\(drawn)")
    #expect(terminal.output.contains("restores/default/shown is ✅ Done"))

    try await thaw.thaw("restart", "shown")
    let plain = try await thaw.thaw("wait", "shown", "--timeout", "60s")
    #expect(plain.output == "restores/default/shown is ✅ Done\n")
    let lines = plain.errors.split(separator: "\n")
    #expect(lines.count > 2 && !plain.errors.contains("\u{1B}") && !plain.errors.contains("\r"), "\(plain.errors)")
    #expect(lines.allSatisfy { $0.hasPrefix("shown ") } && lines.last?.hasPrefix("shown ✅ Done") == true)
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0))
  }

  @Test("get -w and events --follow go on with the run, until they are told to stop", .broker())
  func followed() async throws {
    let broker = try await Broker.require()
    let (thaw, file) = try await prepare("followed", broker, bytesPerSecond: 60_000)
    let service = try thaw.serve()
    func start(_ arguments: [String], _ name: String) throws -> ChildProcess {
      try Program.thaw.start(
        arguments, environment: thaw.environment, streams: "</dev/null >\(thaw.folder)/\(name) 2>&1")
    }
    func said(_ name: String) -> String {
      (try? readFile("\(thaw.folder)/\(name)")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    let events = try start(["events", "--follow", "-o", "json"], "events")
    let watch = try start(["get", "restores", "-w"], "watch")
    try await thaw.thaw("apply", "--wait", "-f", file)
    try await thaw.thaw("wait", "followed", "--for", "condition=Verified", "--timeout", "60s")
    let isThere = try await eventually { said("events").contains("RunVerified") && said("watch").contains("✅ Done") }
    #expect(isThere, "\(said("events")) \(said("watch"))")
    let types = try said("events").split(separator: "\n").map {
      try JSONValue.parse(Array($0.utf8))["event"]?["type"]?.string
    }
    #expect(types.first == "OwnerChanged" && types.filter { $0 == "RunCompleted" }.count == 1, "\(types)")
    let rows = said("watch").split(separator: "\n")
    #expect(rows.first.map { $0.hasPrefix("NAME") && $0.hasSuffix("PROGRESS") } == true, "\(rows)")
    #expect(rows.contains { $0.contains("🚀 Restoring") && $0.contains("kB/s") && $0.contains(" left") }, "\(rows)")
    for process in [events, watch] {
      process.send(SIGTERM)
      _ = await process.ended()
    }
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0))
  }

  @Test("A Restore on its way out is shown as Deleting while its sink doesn't answer", .broker())
  func deleting() async throws {
    let broker = try await Broker.require()
    let sink = try await Broker.own(BrokerKind.here()[0])
    defer { sink.node.killNow() }
    let source = try await SampleTopic.make(on: broker, partitions: 2, records: 2000, valueBytes: 250)
    let target = try await sink.makeTopic("target", partitions: 2)
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve()
    let documents = thaw.documents(
      "leaving", config: "{throttle: {bytesPerSecond: 20000}, topics: [{source: \(source), target: \(target)}]}"
    ).replacing("bootstrap.servers: \"\(thaw.servers)\"", with: "bootstrap.servers: \"\(sink.bootstrapServers)\"")
    try await thaw.thaw("apply", "-f", "-", input: documents)
    let isRunning = try await eventually(within: .seconds(60)) {
      try await thaw.get("restore", "leaving")?["status"]?["progress"]?["recordsRestored"]?.int ?? 0 > 0
    }
    try #require(isRunning, "\(thaw.log)")
    sink.node.freeze()
    try await thaw.thaw("delete", "restore", "leaving", "--no-wait")
    let isShown = try await eventually(within: .seconds(60)) {
      try await thaw.run("get", "restores").output.contains("🚀 Restoring (Deleting)")
    }
    #expect(isShown, "\(thaw.log)")
    sink.node.thaw()
    try await thaw.thaw("wait", "leaving", "--for", "delete", "--timeout", "90s")
    #expect(try await thaw.get("restore", "leaving") == nil)
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0))
  }
}

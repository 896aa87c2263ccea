import ColdStorage
import Glibc
import Kafka
import Logging
import RestoreModel
import TestSupport
import Testing

@testable import RestoreEngine

@Suite("What the operator allows")
struct PolicyTests {
  @Test("A path must resolve to a place under a root, whatever links and dots say")
  func roots() throws {
    let inside = try TemporaryDirectory.make("roots")
    let outside = try TemporaryDirectory.make("other")
    #expect(mkdir("\(inside)/archive", 0o755) == 0)
    #expect(symlink(outside, "\(inside)/link") == 0)
    #expect(symlink("\(inside)/archive", "\(outside)/back") == 0)
    let resolved = try #require(realpath(inside, nil).map { String(cString: $0) })
    #expect(try RootedPath("\(inside)/archive", under: [inside]).text == "\(resolved)/archive")
    #expect(try RootedPath(inside, under: [inside]).text == resolved)
    for path in [
      outside, "\(inside)/link", "\(inside)/../\(outside)", "\(inside)-more", "/", "relative", "\(outside)/back",
      "\(inside)/archive/../../..", "",
    ] {
      #expect(throws: RootedPath.Refusal.self, "\(path)") { try RootedPath(path, under: [inside]) }
    }
    #expect(throws: RootedPath.Refusal.self) { try RootedPath(inside, under: []) }
    do { _ = try RootedPath("\(inside)/absent", under: [inside]) } catch {
      guard case .unreachable(ENOENT) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test("Secrets come from the operator's files and variables only, and errors show none")
  func secrets() throws {
    let folder = try TemporaryDirectory.make("secrets")
    try write("s3cret-in-file\n", to: "\(folder)/password")
    setenv("THAW_TEST_SECRET_ONE", "s3cret-in-env", 1)
    let reader = SecretReader(policy: EnginePolicy(secretRoots: [folder], environmentPrefix: "THAW_TEST_SECRET_"))
    #expect(try reader.read(.file("\(folder)/password"), for: "x").revealed == "s3cret-in-file")
    #expect(try reader.read(.environment("THAW_TEST_SECRET_ONE"), for: "x").revealed == "s3cret-in-env")
    for reference: SecretReference in [
      .file("/etc/passwd"), .file("\(folder)/absent"), .environment("PATH"), .environment("THAW_TEST_SECRET_TWO"),
    ] {
      #expect(throws: RunFault.self) { try reader.read(reference, for: "x") }
    }
    let closed = SecretReader(policy: EnginePolicy())
    #expect(throws: RunFault.self) { try closed.read(.environment("THAW_TEST_SECRET_ONE"), for: "x") }
  }

  @Test(
    "Stored batches go on unopened to plain listeners, unless the document wants each record by itself",
    arguments: [
      (nil, true), ("PLAINTEXT", true), ("plaintext", true), ("SSL", false), ("SASL_PLAINTEXT", false),
      ("SASL_SSL", false), ("ssl", false),
    ] as [(String?, Bool)])
  func path(_ security: String?, _ replays: Bool) throws {
    let configuration = KafkaConfiguration(
      bootstrapServers: "none:1", properties: security.map { ["security.protocol": $0] } ?? [:])
    let archive = try TestArchive()
    try archive.write("t", [[TestRecord(plain: 0)]])
    for path in RecordPath.allCases {
      var config = SimulatedRun.config(["t"])
      config.recordPath = path
      let run = try SimulatedRun(archive, SimulatedCluster(), config)
      let item = run.item(.lane(LaneID(0)), claim: 1)
      let assignment = Assignment(
        item: item, policy: run.policy, control: WorkControl(item), throttle: Throttle(bytesPerSecond: nil),
        logger: Logger("test", to: MemoryLogSink()), report: { _ in })
      #expect(assignment.replays(over: configuration) == (path == .auto && replays), "\(path)")
    }
  }

  static func connection(_ properties: [String: String], _ additional: [String: String] = [:]) -> SinkConnection {
    SinkConnection(
      hub: EventHubSpec(properties: properties), additional: additional, policy: EnginePolicy(secretRoots: ["/nowhere"])
    )
  }

  @Test("Properties that run code or undo a guarantee are refused by name, and values are never shown")
  func properties() throws {
    let servers = ["bootstrap.servers": "localhost:1"]
    for (name, value) in [
      ("plugin.library.paths", "/tmp/evil-s3cret.so"), ("transactional.id", "s3cret"), ("acks", "s3cret"),
      ("sasl.kerberos.kinit.cmd", "s3cret"), ("ssl.ca.location", "/etc/s3cret"), ("sasl.password", "s3cret"),
      ("linger.ms", "s3cret"), ("no.such.property", "s3cret"),
    ] {
      for connection in [
        Self.connection(servers.merging([name: value]) { $1 }), Self.connection(servers, [name: value]),
      ] {
        do {
          _ = try connection.configuration()
          Issue.record("\(name) was accepted")
        } catch {
          #expect(error.message.contains(name) && !error.message.contains("s3cret"), "\(error)")
        }
      }
    }
    #expect(throws: RunFault.self) { try Self.connection([:]).configuration() }
  }

  @Test("Credentials become properties; a password never goes unencrypted unless asked to")
  func credentials() throws {
    setenv("THAW_TEST_SECRET_ONE", "s3cret-in-env", 1)
    var sasl = SASLCredentials(mechanism: .plain, username: "me", passwordFrom: .environment("THAW_TEST_SECRET_ONE"))
    sasl.username = "me"
    let policy = EnginePolicy(environmentPrefix: "THAW_TEST_SECRET_")
    func connection(_ protocolName: String?) -> SinkConnection {
      var properties = ["bootstrap.servers": "localhost:1"]
      properties["security.protocol"] = protocolName
      return SinkConnection(hub: EventHubSpec(properties: properties), credentials: .sasl(sasl), policy: policy)
    }
    let plain = try connection("SASL_PLAINTEXT").configuration()
    #expect(plain.properties["sasl.password"] == "s3cret-in-env" && plain.properties["sasl.username"] == "me")
    #expect(plain.properties["security.protocol"] == "SASL_PLAINTEXT")
    #expect(try connection(nil).configuration().properties["security.protocol"] == "SASL_SSL")
    #expect(!"\(plain)".contains("s3cret"))
    #expect(throws: RunFault.self) {
      try SinkConnection(
        hub: EventHubSpec(properties: ["bootstrap.servers": "localhost:1"]),
        credentials: .httpBasic(username: "u", passwordFrom: .environment("THAW_TEST_SECRET_ONE")), policy: policy
      ).configuration()
    }
  }

  @Test("A position is one line, and nothing else is one")
  func positions() throws {
    let sum = try digest(of: [TestRecord(plain: 1), TestRecord(plain: 2)])
    let position = LanePosition(nextOffset: 42, claim: Claim(7), sent: sum, firstTarget: 3, lastTarget: 9)
    #expect(position.metadata == "1 7 2 \(sum.timestamps.hex) \(sum.rest.hex) 3 9")
    #expect(LanePosition(offset: 42, metadata: position.metadata.utf8) == position)
    let zeros = String(repeating: "0", count: 32)
    let start = LanePosition(nextOffset: 0, claim: Claim(1))
    #expect(start.metadata == "1 1 0 \(zeros) \(zeros) -1 -1")
    #expect(LanePosition(offset: 0, metadata: start.metadata.utf8) == start)
    for text in [
      "", "1", "2 1 0 \(zeros) \(zeros) -1 -1", "1 1 0 \(zeros) \(zeros) -1", "1 1 0 \(zeros) \(zeros) -1 -1 ",
      "1 x 0 \(zeros) \(zeros) -1 -1", "1 1 0 \(zeros) \(zeros.dropLast())g -1 -1", "1 -1 0 \(zeros) \(zeros) -1 -1",
      "1 1 0 \(zeros) \(zeros) 5 4",
    ] {
      #expect(LanePosition(offset: 0, metadata: text.utf8) == nil, "\(text)")
    }
    #expect(LanePosition(offset: -1, metadata: start.metadata.utf8) == nil)
  }

  @Test("A group of ours is known by its name under any prefix")
  func groups() {
    let uid = UID("0b9f3e0a-5a3c-4b51-9d0c-2f60c7c1a001")
    for prefix in ["thaw.", "", "some.other-", "x"] {
      let names = RunNames(prefix: prefix, uid: uid, run: 12)
      let parsed = RunNames.parse(group: names.group)
      #expect(parsed?.uid == uid && parsed?.run == 12)
      #expect(names.transactionalID(LaneID(3)) == "\(prefix)\(uid).12.3")
    }
    for group in ["thaw.\(uid)", "thaw.\(uid).0", "thaw.\(uid).1.preflight", "connect-sink.1", "\(uid).x", ""] {
      #expect(RunNames.parse(group: group) == nil, "\(group)")
    }
  }

  @Test("A throttle gives what its rate allows, and all at once when it is lifted")
  func throttle() {
    let throttle = Throttle(bytesPerSecond: 100_000)
    let begin = ContinuousClock.now
    var taken = 0
    while taken < 30_000 { taken += throttle.take(upTo: 10_000, timeout: .seconds(1)) }
    let elapsed = ContinuousClock.now - begin
    #expect(elapsed > .milliseconds(250) && elapsed < .seconds(20), "\(elapsed)")
    throttle.giveBack(-1_000_000)
    #expect(throttle.take(upTo: 1, timeout: .milliseconds(1)) == 0)
    throttle.set(bytesPerSecond: nil)
    #expect(throttle.take(upTo: 1, timeout: .zero) == .max)
  }
}

import ControlTopics
import JSON
import RestoreModel
import Testing

@Suite("Records of commands") struct CommandTests {
  static let key = ResourceKey(.restore, name: "orders")

  static func state(_ spec: RestoreSpec? = nil) -> ControlState {
    var state = ControlState()
    state.installation = GoldenTests.installation
    state.time = Instant(milliseconds: 5000)
    if let spec {
      let uid = UID("u")
      let metadata = Metadata(
        name: key.name, namespace: key.namespace, uid: uid, generation: 1, creationTimestamp: Instant(milliseconds: 0))
      state.resources[key] = Resource(
        metadata: metadata, spec: .restore(spec), status: ResourceStatus(uid: uid, observedGeneration: 1, phase: .draft)
      )
    }
    return state
  }

  static func record(
    _ value: String?, key: [UInt8]? = Array("restores/default/orders".utf8), headers: [ControlRecord.Header] = []
  ) -> ControlRecord {
    ControlRecord(
      topic: .commands, offset: 42, timestamp: 9000, key: key, value: value.map { Array($0.utf8) }, headers: headers)
  }

  static func input(_ value: String?, _ state: ControlState = state()) throws -> CommandInput {
    try CommandCodec.decode(record(value), state: state)
  }

  static func rejection(_ value: String?, _ state: ControlState = state()) throws -> Rejection? {
    if case .failure(let rejection) = try input(value, state).command { rejection } else { nil }
  }

  @Test("Place, time and the uid to be come from the log") func place() throws {
    let input = try Self.input(#"{"command":"Enable","id":"i","expectedGeneration":3,"claimedActor":"a","reason":"r"}"#)
    #expect(input.offset == 42 && input.time == Instant(milliseconds: 9000) && input.key == Self.key)
    #expect(input.newUID.text == "269eacbc-5a3c-80e2-a635-d2b065b3db0d")
    #expect(input.id == "i" && input.expectedGeneration == 3 && input.claimedActor == "a" && input.reason == "r")
    #expect(try input.command.get() == .enable)
  }

  @Test("Time never goes back, nor beyond what a date can write") func time() throws {
    var record = Self.record(#"{"command":"Enable"}"#)
    for (timestamp, expected) in [(4000, 5000), (-1, 5000), (Int64.max, 253_402_300_799_999)] as [(Int64, Int64)] {
      record.timestamp = timestamp
      #expect(try CommandCodec.decode(record, state: Self.state()).time == Instant(milliseconds: expected))
    }
  }

  @Test("Pause and Resume are other names for turning the switch") func aliases() throws {
    #expect(try Self.input(#"{"command":"Pause"}"#).command.get() == .disable)
    #expect(try Self.input(#"{"command":"Resume"}"#).command.get() == .enable)
  }

  @Test(
    "A key that names nothing is a rejection, and the id is still known", arguments: [nil, "", "x", "restores/default"])
  func keys(key: String?) throws {
    let record = Self.record(#"{"command":"Enable","id":"i"}"#, key: key.map { Array($0.utf8) })
    let input = try CommandCodec.decode(record, state: Self.state())
    #expect(input.key == nil && input.id == "i")
    #expect(throws: Rejection.self) { try input.command.get() }
    let bytes = try CommandCodec.decode(Self.record("{}", key: [0xFF, 0xFE]), state: Self.state())
    #expect(bytes.key == nil)
  }

  @Test(
    "Keys that only our own topics have are no keys of commands",
    arguments: ["installation", "invalid", "deleted/restores/default/a"])
  func reserved(key: String) throws {
    let record = Self.record(#"{"command":"Delete"}"#, key: Array(key.utf8))
    #expect(try CommandCodec.decode(record, state: Self.state()).key == nil)
  }

  @Test("No value, an empty one and text that is no JSON are malformed, with the place")
  func noJSON() throws {
    #expect(try Self.rejection(nil)?.reason == .malformed)
    #expect(try Self.rejection("")?.reason == .malformed)
    let broken = try #require(try Self.rejection("{\n  \"command\": Enable}"))
    #expect(broken.reason == .malformed && broken.message.contains("line 2"))
    #expect(try Self.rejection("[]")?.reason == .malformed)
  }

  @Test("An unknown command is answered with the one that was meant") func suggestion() throws {
    let rejection = try #require(try Self.rejection(#"{"command":"MapTopik","source":"a","target":"b"}"#))
    #expect(rejection.reason == .malformed)
    #expect(rejection.errors.map(\.path) == ["command"])
    #expect(rejection.description.contains("did you mean \"MapTopic\"?"))
    #expect(!rejection.description.contains("MapTopik"))
  }

  @Test("A field that is not of the command is an error, with all the others") func fields() throws {
    let rejection = try #require(
      try Self.rejection(#"{"command":"UnmapTopic","source":"a","id":7,"resource":{}}"#))
    #expect(Set(rejection.errors.map(\.path)) == ["target", "source", "id", "resource"])
  }

  @Test("A newer version is rejected as such, whatever else it holds") func newer() throws {
    #expect(try Self.rejection(#"{"command":"Fly","version":2}"#)?.reason == .newerVersion)
    #expect(try Self.input(#"{"command":"Retry","version":1}"#).command.get() == .retry)
  }

  @Test("CloudEvents in binary mode: its id serves when there is no other") func cloudEvents() throws {
    let headers: [ControlRecord.Header] = [.init("ce_id", "from-header"), .init("ce_type", "whatever")]
    let without = try CommandCodec.decode(Self.record(#"{"command":"Enable"}"#, headers: headers), state: Self.state())
    #expect(without.id == "from-header")
    let with = try CommandCodec.decode(
      Self.record(#"{"command":"Enable","id":"own"}"#, headers: headers), state: Self.state())
    #expect(with.id == "own")
    let rejected = try CommandCodec.decode(Self.record("?", headers: headers), state: Self.state())
    #expect(rejected.id == "from-header")
    let unusable: [ControlRecord.Header] = [.init("ce_id", String(repeating: "x", count: 257))]
    #expect(try CommandCodec.decode(Self.record("{}", headers: unusable), state: Self.state()).id == nil)
  }

  @Test("An id that is too long to remember is refused") func longID() throws {
    let id = String(repeating: "x", count: 257)
    #expect(try Self.rejection(#"{"command":"Enable","id":"\#(id)"}"#)?.errors.map(\.path) == ["id"])
  }

  @Test("Configure patches the spec that stands there") func configure() throws {
    var spec = RestoreSpec(source: "a", sink: "b")
    spec.description = "old"
    spec.config.topics = [TopicMapping(source: "x", target: "y")]
    let command = try Self.input(
      #"{"command":"Configure","spec":{"description":null,"config":{"parallelism":4}}}"#, Self.state(spec)
    ).command.get()
    spec.description = nil
    spec.config.parallelism = 4
    #expect(command == .configure(.restore(spec)))
  }

  @Test("A patch that breaks the document is refused with the paths of the document") func brokenPatch() throws {
    let state = Self.state(RestoreSpec(source: "a", sink: "b"))
    let rejection = try #require(
      try Self.rejection(#"{"command":"Configure","spec":{"sink":null,"config":{"parallelism":0}}}"#, state))
    #expect(rejection.reason == .invalid && Set(rejection.errors.map(\.path)) == ["sink", "config.parallelism"])
    #expect(
      try Self.rejection(#"{"command":"Configure","spec":{"config":{"mapping":{"a":"b"}}}}"#, state)?.errors.map(\.path)
        == ["config.mapping"])
    #expect(try Self.rejection(#"{"command":"Configure","spec":[]}"#, state)?.reason == .invalid)
    #expect(try Self.rejection(#"{"command":"Configure","spec":{}}"#)?.reason == .notFound)
  }

  @Test("Create takes kind and name from the key") func create() throws {
    let command = try Self.input(
      #"{"command":"Create","spec":{"source":"a","sink":"b"},"metadata":{"labels":{"l":"1"}}}"#
    ).command.get()
    var document = ResourceDocument(key: Self.key, spec: .restore(RestoreSpec(source: "a", sink: "b")))
    document.labels = ["l": "1"]
    #expect(command == .create(document))
    #expect(
      try Self.rejection(#"{"command":"Create","spec":{"source":"a","sink":"b"},"metadata":{"name":"other"}}"#)?.errors
        .map(\.path) == ["metadata.name"])
  }

  @Test("ImportTopics and MapTopic carry what they say") func topics() throws {
    #expect(
      try Self.input(#"{"command":"ImportTopics","glob":"o*","suffix":"-copy"}"#).command.get()
        == .importTopics(glob: "o*", prefix: "", suffix: "-copy"))
    var mapping = TopicMapping(source: "a", target: "b")
    mapping.disablePreflightChecks = true
    mapping.partitions = []
    #expect(
      try Self.input(
        #"{"command":"MapTopic","source":"a","target":"b","disablePreflightChecks":true,"partitions":[]}"#
      ).command.get() == .mapTopic(mapping))
  }

  @Test("Nothing is decided without an installation") func withoutInstallation() throws {
    #expect(try Self.rejection(#"{"command":"Enable"}"#, ControlState())?.reason == .unavailable)
  }

  @Test("What the command line sends is read back as it was meant") func sent() throws {
    let bodies: [CommandMessage.Body] = [
      .apply(resource: DocumentTests.restore(DocumentTests.spec)), .create(spec: DocumentTests.spec, metadata: nil),
      .mapTopic(TopicMapping(source: "a", target: "b")), .unmapTopic(target: "b"),
      .importTopics(glob: nil, prefix: nil, suffix: "x"), .configure(patch: ["enabled": true]), .enable, .disable,
      .retry, .restart, .delete,
    ]
    for body in bodies {
      let message = CommandMessage(body, id: "i", expectedGeneration: 0, claimedActor: "me", reason: "why")
      let sent = message.record(for: Self.key)
      #expect(try CommandMessage.decode(sent.value) == message)
      #expect(String(decoding: sent.key, as: UTF8.self) == "restores/default/orders")
    }
  }
}

import ControlTopics
import JSON
import RestoreModel
import Testing

@Suite("The examples of the contract") struct GoldenTests {
  static let installation = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"

  @Test("A command is read and written byte by byte", arguments: try Example.all(.commands))
  func command(example: Example) throws {
    guard example.key != nil, !example.value.isNull else {
      let input = try CommandCodec.decode(example.record, state: ControlState())
      #expect(throws: Rejection.self) { try input.command.get() }
      return
    }
    let message = try CommandMessage.decode(example.record.value)
    let aliases = ["Pause": "Disable", "Resume": "Enable"]
    let name = example.value["command"]?.string ?? ""
    let written = example.value.applying(mergePatch: ["command": .string(aliases[name] ?? name)])
    #expect(message.json.text() == written.text())
  }

  @Test("An event is read and written byte by byte", arguments: try Example.all(.events))
  func event(example: Example) throws {
    let read = try EventRecord.decode(example.record)
    let encoder = RecordEncoder(installation: Self.installation, epoch: read.event.epoch)
    #expect(try Example.line(encoder.event(read.event, stateHash: read.stateHash)) == example.line)
  }

  /// `status` and `specs` in the order in which they were written: a document's records are two.
  @Test("specs and status are read and written byte by byte") func state() throws {
    var encoders: [Int64: RecordEncoder] = [:]
    var written: [ControlTopic: [String]] = [:]
    var decoder = StateDecoder()
    for example in try inOrder() {
      try decoder.apply(example.record)
      guard let key = example.key.flatMap({ RecordKey(parsing: $0) }) else {
        Issue.record("\(example): the key names nothing")
        continue
      }
      let epoch = try #require(example.header("epoch"))
      var encoder = encoders[epoch] ?? RecordEncoder(installation: Self.installation, epoch: epoch)
      let record = try encode(key, example, decoder, &encoder)
      encoders[epoch] = encoder
      written[example.topic, default: []].append(try Example.line(record))
    }
    try decoder.finish()
    #expect(try written[.specs] == Example.all(.specs).map(\.line))
    #expect(try written[.status] == Example.all(.status).map(\.line))
  }

  private func encode(
    _ key: RecordKey, _ example: Example, _ decoder: StateDecoder, _ encoder: inout RecordEncoder
  ) throws -> OutgoingControlRecord {
    let sequence = try #require(example.header("sequence"))
    let time = example.text("ce_time").flatMap { Instant(rfc3339: $0) } ?? Instant(milliseconds: 0)
    switch (example.topic, key) {
    case (.specs, .installation): return encoder.installation(sequence: sequence)
    case (.specs, .resource(let key)):
      guard !example.value.isNull else { return encoder.specTombstone(key, sequence: sequence) }
      let resource = try decoder.state.resources[key] ?? orphan(example)
      return encoder.spec(try #require(resource), sequence: sequence)
    case (.status, .resource(let key)):
      guard !example.value.isNull else { return encoder.statusTombstone(key, sequence: sequence, time: time) }
      return encoder.status(try #require(decoder.state.resources[key]), sequence: sequence, time: time)
    case (.status, .deleted(let key)):
      return encoder.deleted(key, decoder.state.deleted[key], sequence: sequence, time: time)
    default: return encoder.service(decoder.serviceConditions, sequence: sequence, time: time)
    }
  }

  /// A spec whose status comes only afterwards: joined with any status of its uid.
  private func orphan(_ example: Example) throws -> Resource? {
    var decoder = StateDecoder()
    try decoder.apply(example.record)
    let key = try #require(example.key.flatMap { ResourceKey(parsing: $0) })
    let uid = try #require(example.value["metadata"]?["uid"]?.string)
    var encoder = RecordEncoder(installation: Self.installation, epoch: 9)
    let metadata = Metadata(
      name: key.name, namespace: key.namespace, uid: UID(uid), generation: 1,
      creationTimestamp: Instant(milliseconds: 0))
    let any = Resource(
      metadata: metadata, spec: .storage(.volume(path: "/")),
      status: ResourceStatus(uid: UID(uid), observedGeneration: 1))
    var record = encoder.status(any, sequence: 0, time: Instant(milliseconds: 0))
    record.key = Array(key.description.utf8)
    try decoder.apply(ControlRecord(record, offset: 0, timestamp: 0))
    return decoder.state.resources[key]
  }

  /// By the event that each follows, specs before status as in their transaction; the sort is stable by topic and offset.
  private func inOrder() throws -> [Example] {
    let examples = try Example.all(.specs) + Example.all(.status)
    return examples.sorted { left, right in
      let rank = { (example: Example) in
        (example.header("sequence") ?? 0, example.topic == .specs ? 0 : 1, example.offset)
      }
      return rank(left) < rank(right)
    }
  }

  @Test("Every command has exactly one outcome, which cites it") func outcomes() throws {
    let events = try Example.all(.events).map { try EventRecord.decode($0.record) }
    for command in try Example.all(.commands) {
      #expect(events.filter { $0.isOutcome(ofCommandAt: command.offset) }.count == 1, "\(command)")
    }
    #expect(events.map(\.event.sequence) == Array(1...Int64(events.count)))
  }

  @Test("Every type of event has an example") func types() throws {
    let types = try Example.all(.events).compactMap { $0.value["type"]?.string }
    #expect(Set(types) == Set(Event.Content.types))
  }
}

extension Example {
  func text(_ header: String) -> String? {
    headers.first { $0.name == header }.map { String(decoding: $0.value ?? [], as: UTF8.self) }
  }

  func header(_ name: String) -> Int64? { text(name).flatMap { Int64($0) } }
}

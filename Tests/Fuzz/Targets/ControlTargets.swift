import ControlTopics
import JSON
import RestoreModel
import YAML

/// Anybody may write to `commands`, and after an accident anything may be found in the other topics: reading is total, and so is what the owner does
/// with what it has read.
enum ControlTargets {
  private static let key = ResourceKey(.restore, name: "orders")

  /// A Restore that commands can be about, and what it names.
  private static let state: ControlState = {
    var state = ControlState()
    state.installation = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
    let uid = UID("fee86fa1-33a3-8601-8db9-181dd086aea7")
    var spec = RestoreSpec(source: "cold", sink: "kafka")
    spec.config.topics = [TopicMapping(source: "orders", target: "orders-restored")]
    state.resources[key] = Resource(
      metadata: Metadata(
        name: key.name, namespace: key.namespace, uid: uid, generation: 1, creationTimestamp: Instant(milliseconds: 0)),
      spec: .restore(spec), status: ResourceStatus(uid: uid, observedGeneration: 1, phase: .draft))
    return state
  }()

  /// A document as a person writes it.
  static func document(_ bytes: [UInt8]) throws {
    guard let documents = try? YAMLStream.parse(bytes) else { return }
    for document in documents {
      let read: ResourceDocument
      do { read = try ResourceDocument.decode(document.value) } catch {
        for problem in error.errors { _ = document.value.serialized().count + problem.path.utf8.count }
        continue
      }
      let again = try ResourceDocument.decode(read.json)
      try require(
        again.spec == read.spec && again.key == read.key, "the document \(read.json.text()) is read as another")
    }
  }

  /// Commands, one after the other: each has one outcome, and what is written about it can be read.
  static func command(_ bytes: [UInt8]) throws {
    var state = state
    for record in RecordText(bytes, only: .commands).records {
      var input = try CommandCodec.decode(record, state: state)
      if case .success(.importTopics) = input.command { input.archivedTopics = .success(["orders", "payments"]) }
      try decide(input, &state)
    }
  }

  private static func decide(_ input: CommandInput, _ state: inout ControlState) throws {
    let drafts = state.decide(input)
    try require(drafts.filter(\.outcome).count == 1, "\(drafts.filter(\.outcome).count) outcomes")
    for draft in drafts {
      let event = state.record(
        draft, time: input.time, cause: .command(offset: input.offset, id: input.id), epoch: 1,
        commandsThrough: input.offset)
      let hash = try event.key.flatMap { state.resources[$0] }?.stateHash()
      let sent = RecordEncoder(installation: "i", epoch: 1).event(event, stateHash: hash)
      let read = try EventRecord.decode(ControlRecord(sent, offset: input.offset, timestamp: 0))
      try require(read.event == event && read.stateHash == hash, "the event \(event) is read as another")
    }
  }

  /// The four topics as a new owner, a reader and an audit find them.
  static func topics(_ bytes: [UInt8]) throws {
    var decoder = StateDecoder()
    var head = RecordedHead()
    var audit = Audit()
    let records = RecordText(bytes).records
    for record in records {
      switch record.topic {
      case .specs, .status:
        try? decoder.apply(record)
        try? head.apply(record)
      case .events:
        if let event = try? EventRecord.decode(record) { decoder.note(event) }
        try? audit.replay(record)
      case .commands: break
      }
    }
    try? audit.compare(with: head)
    try? audit.finish()
    guard (try? decoder.finish()) != nil else { return }
    try takeOver(decoder.state, records)
  }

  /// What an owner does first, and then with each command.
  private static func takeOver(_ found: ControlState, _ records: [ControlRecord]) throws {
    var state = found
    for key in state.keysToForget(at: state.time) { state.forget(key, at: state.time) }
    for draft in state.decideTakeOver(instance: "a") {
      let through = state.commandsThrough
      _ = state.record(
        draft, time: state.time, cause: .owner("takeOver"), epoch: state.epoch + 1, commandsThrough: through)
    }
    for key in state.resources.keys { _ = state.desiredWork(for: key) }
    for record in records where record.topic == .commands {
      try decide(try CommandCodec.decode(record, state: state), &state)
    }
  }
}

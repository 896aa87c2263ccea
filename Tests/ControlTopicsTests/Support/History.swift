import ControlTopics
import RestoreModel

/// Decides commands and records them as an owner does, one transaction each, into topics in memory.
struct History {
  static let installation = GoldenTests.installation
  static let orders = ResourceKey(.restore, name: "orders")
  static let storage = ResourceKey(.storage, name: "archive")

  private(set) var state = ControlState()
  private(set) var topics: [ControlTopic: [ControlRecord]] = [:]
  private var encoder = RecordEncoder(installation: Self.installation, epoch: 0)
  private var commands: Int64 = 0
  private var time: Int64 = 1_700_000_000_000

  init() {
    state.installation = Self.installation
    append([encoder.installation(sequence: 0)])
    takeOver()
  }

  /// A Restore that is mapped, changed, refused, and deleted and created again, and a Storage.
  static var long: History {
    var history = History()
    history.send(storage, #"{"command":"Create","spec":{"volume":{"path":"/archive"}}}"#)
    history.send(orders, #"{"command":"Create","id":"c1","spec":{"source":"archive","sink":"cluster"}}"#)
    history.send(orders, #"{"command":"MapTopic","source":"orders","target":"orders-copy"}"#)
    history.takeOver()
    history.send(orders, #"{"command":"Retry","id":"c2"}"#)
    history.send(orders, #"{"command":"Delete","id":"c3"}"#)
    history.send(orders, #"{"command":"Create","id":"c4","spec":{"source":"archive","sink":"cluster"}}"#)
    history.send(nil, #"{"command":"#)
    history.send(orders, #"{"command":"Configure","spec":{"description":"again"}}"#)
    history.send(
      ResourceKey(.restore, name: "gone"), #"{"command":"Create","id":"g1","spec":{"source":"a","sink":"b"}}"#)
    history.send(ResourceKey(.restore, name: "gone"), #"{"command":"Delete","id":"g2"}"#)
    return history
  }

  mutating func takeOver() {
    encoder = RecordEncoder(installation: Self.installation, epoch: state.epoch + 1)
    take(state.decideTakeOver(instance: "test"), .owner("takeOver"))
  }

  mutating func send(_ key: ResourceKey?, _ command: String) {
    commands += 1
    time += 1000
    let record = ControlRecord(
      topic: .commands, offset: commands, timestamp: time, key: key.map { RecordKey.resource($0).bytes },
      value: Array(command.utf8))
    guard let input = try? CommandCodec.decode(record, state: state) else { return }
    take(state.decide(input), .command(offset: commands, id: input.id), through: commands)
  }

  mutating func wait(milliseconds: Int64) { time += milliseconds }

  /// As the owner shows what the work reports in between.
  mutating func show(_ progress: Progress, of key: ResourceKey) {
    let before = state
    state.resources[key]?.status.progress = progress
    append(encoder.changes(from: before, to: state, keys: [key]))
  }

  /// As the owner's timer does it.
  mutating func forget() {
    let now = Instant(milliseconds: time)
    let before = state
    let keys = state.keysToForget(at: now)
    for key in keys { state.forget(key, at: now) }
    append(encoder.changes(from: before, to: state, keys: keys))
  }

  private mutating func take(_ drafts: [EventDraft], _ cause: Event.Cause, through: Int64? = nil) {
    let before = state
    for draft in drafts {
      let event = state.record(
        draft, time: Instant(milliseconds: time), cause: cause, epoch: encoder.epoch,
        commandsThrough: through ?? state.commandsThrough)
      let hash = try? draft.key.flatMap { state.resources[$0] }?.stateHash()
      append([encoder.event(event, stateHash: hash)])
    }
    append(encoder.changes(from: before, to: state, keys: Set(drafts.compactMap(\.key))))
  }

  private mutating func append(_ records: [OutgoingControlRecord]) {
    for record in records {
      // Every other offset, as if each transaction's marker took one.
      let offset = Int64(topics[record.topic]?.count ?? 0) * 2
      topics[record.topic, default: []].append(ControlRecord(record, offset: offset, timestamp: time))
    }
  }

  mutating func change(_ topic: ControlTopic, _ index: Int, _ body: (inout ControlRecord) -> Void) {
    topics[topic].map { records in
      var record = records[index]
      body(&record)
      topics[topic]?[index] = record
    }
  }

  mutating func remove(_ topic: ControlTopic, where condition: (ControlRecord) -> Bool) {
    topics[topic]?.removeAll(where: condition)
  }

  var events: [ControlRecord] { topics[.events] ?? [] }

  /// - Parameters:
  ///   - live: so many of the events are only written after `specs` and `status` were read.
  func audit(_ key: ResourceKey? = nil, until: Int64? = nil, live: Int = 0) throws -> AuditReport {
    var audit = Audit(of: key)
    do {
      guard until == nil else {
        for event in events where event.offset <= until ?? .max { try audit.replay(event) }
        return audit.report
      }
      for event in events.dropLast(live) { try audit.replay(event) }
      var head = RecordedHead()
      for topic in [ControlTopic.specs, .status] { for record in topics[topic] ?? [] { try head.apply(record) } }
      try audit.compare(with: head)
      for event in events.suffix(live) { try audit.replay(event) }
      try audit.finish()
    } catch let difference as AuditDifference {
      audit.stop(at: difference)
    } catch let corrupt as CorruptLog {
      audit.stop(at: AuditDifference(corrupt))
    }
    return audit.report
  }
}

extension ControlRecord {
  /// Replaces text in the value.
  mutating func replace(_ old: String, with new: String) {
    guard let value else { return }
    var text = String(decoding: value, as: UTF8.self)
    text.replace(old, with: new)
    self.value = Array(text.utf8)
  }

  func contains(_ text: String) -> Bool { value.map { String(decoding: $0, as: UTF8.self).contains(text) } ?? false }
}

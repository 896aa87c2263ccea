import JSON
import RestoreModel

/// Holds the state that the events lead to against what `specs` and `status` hold. A live service goes on writing: a record may follow an
/// event that is yet to be replayed, and is compared after that one.
struct HeadComparison: Sendable {
  let head: RecordedHead
  /// Nil: every key.
  let key: ResourceKey?
  /// By the sequence of the event that they follow.
  private var pending: [Int64: [RecordedHead.Place]] = [:]

  init(_ head: RecordedHead, of key: ResourceKey?) {
    self.head = head
    self.key = key
  }

  /// - Parameters:
  ///   - state: after all events before `head` was read; whatever they led to must be there.
  ///   - latest: offsets of the last event of each key.
  mutating func begin(_ state: ControlState, latest: [ResourceKey: Int64]) throws(AuditDifference) {
    guard head.state.epoch >= state.epoch else {
      throw AuditDifference(
        .head, topic: .specs, offset: nil, key: .installation,
        "the topic knows of no owner after epoch \(head.state.epoch), the events of one of epoch \(state.epoch)")
    }
    for place in head.places where concerns(place.key) {
      if place.sequence > state.sequence {
        pending[place.sequence, default: []].append(place)
      } else {
        try compare(place, state)
      }
    }
    try requireRecords(of: state, latest)
  }

  mutating func goOn(_ state: ControlState) throws(AuditDifference) {
    for place in pending.removeValue(forKey: state.sequence) ?? [] { try compare(place, state) }
  }

  func finish(_ state: ControlState) throws(AuditDifference) {
    guard let first = pending.min(by: { $0.key < $1.key })?.value.first else { return }
    throw AuditDifference(
      .missingEvent, topic: first.topic, offset: first.offset, key: first.key, sequence: first.sequence,
      "the record follows an event of sequence \(first.sequence), but the events end with \(state.sequence)")
  }

  private func concerns(_ recorded: RecordKey) -> Bool {
    switch recorded {
    case .resource(let recorded), .deleted(let recorded), .plan(let recorded): key == nil || key == recorded
    case .installation, .invalid: false
    }
  }

  /// What the events lead to and no record tells of; the key whose last event is the earliest.
  private func requireRecords(of state: ControlState, _ latest: [ResourceKey: Int64]) throws(AuditDifference) {
    var missing: [(RecordKey, ControlTopic, Int64?)] = []
    for (key, resource) in state.resources where concerns(.resource(key)) {
      for topic in [ControlTopic.specs, .status] where !head.holds(.resource(key), in: topic) {
        missing.append((.resource(key), topic, latest[key]))
      }
      if PlanRecord(resource) != nil, !head.holds(.plan(key), in: .status) {
        missing.append((.plan(key), .status, latest[key]))
      }
    }
    for (key, memory) in state.deleted where concerns(.deleted(key)) && !head.holds(.deleted(key), in: .status) {
      // The tombstone of what was forgotten is compacted away in the end; nothing remembers it then.
      if memory.isForgotten(at: max(state.time, head.latestTime)) { continue }
      missing.append((.deleted(key), .status, latest[key]))
    }
    guard let (key, topic, offset) = missing.min(by: { ($0.2 ?? 0) < ($1.2 ?? 0) }) else { return }
    throw AuditDifference(
      .head, topic: .events, offset: offset, key: key,
      "the events up to this one lead to something under this key, and \(topic.rawValue) holds no record of it")
  }

  private func compare(_ place: RecordedHead.Place, _ state: ControlState) throws(AuditDifference) {
    switch place.key {
    case .resource(let key):
      let resource = state.resources[key]
      if place.topic == .specs {
        let held = head.decoder.document(of: key)
        guard held?.metadata != resource?.metadata || held?.spec != resource?.spec else { return }
        try differ(
          place, state, held: held.map { Resource.specJSON($0.metadata, $0.spec) }, replayed: resource?.specJSON)
      } else {
        var (held, replayed) = (head.decoder.status(of: key), resource?.status)
        // No event tells of the figures in between.
        held?.progress = nil
        replayed?.progress = nil
        guard held != replayed else { return }
        try differ(
          place, state, held: held?.json(name: key.name, progress: false),
          replayed: replayed?.json(name: key.name, progress: false))
      }
    case .deleted(let key):
      let (held, replayed) = (head.state.deleted[key], state.deleted[key])
      // A timer forgets, of which no event tells.
      if held == nil, replayed?.isForgotten(at: max(state.time, place.time)) != false { return }
      guard held != replayed else { return }
      try differ(place, state, held: held?.json, replayed: replayed?.json)
    case .plan(let key):
      let (held, replayed) = (head.decoder.plan(of: key), PlanRecord(state.resources[key]))
      guard held != replayed else { return }
      try differ(place, state, held: held?.json, replayed: replayed?.json)
    case .installation, .invalid: return
    }
  }

  private func differ(
    _ place: RecordedHead.Place, _ state: ControlState, held: JSONValue?, replayed: JSONValue?
  ) throws(AuditDifference) {
    throw AuditDifference(
      .head, topic: place.topic, offset: place.offset, key: place.key, sequence: place.sequence,
      "after the event of sequence \(state.sequence), \(JSONValue.firstDifference(held: held, replayed: replayed))")
  }
}

extension JSONValue {
  /// Where two values differ first, in words.
  fileprivate static func firstDifference(held: JSONValue?, replayed: JSONValue?) -> String {
    switch (held, replayed) {
    case (nil, _): return "it is deleted, but the events lead to something"
    case (_, nil): return "there is something, but the events lead to nothing"
    case (let held?, let replayed?):
      let (path, left, right) = difference(held, replayed, at: FieldPath())
      func shown(_ value: JSONValue?) -> String { value?.text(.compact) ?? "nothing" }
      return "\(path) is \(shown(left)), but the events lead to \(shown(right))"
    }
  }

  private static func difference(
    _ held: JSONValue, _ replayed: JSONValue, at path: FieldPath
  ) -> (FieldPath, JSONValue?, JSONValue?) {
    switch (held, replayed) {
    case (.object(let left), .object(let right)):
      for key in left.keys + right.keys where left[key] != right[key] {
        guard let one = left[key], let other = right[key] else { return (path[key], left[key], right[key]) }
        return difference(one, other, at: path[key])
      }
    case (.array(let left), .array(let right)):
      for index in 0..<max(left.count, right.count) where held[index] != replayed[index] {
        guard let one = held[index], let other = replayed[index] else {
          return (path[index], held[index], replayed[index])
        }
        return difference(one, other, at: path[index])
      }
    default: break
    }
    return (path, held, replayed)
  }
}

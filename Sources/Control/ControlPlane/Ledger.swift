import ControlTopics
import RestoreModel

/// The fold of this term, and what was decided on top of it but is not committed yet.
///
/// Nothing outside the loop sees the state ahead of its commit; after a commit that failed the whole ledger is thrown away.
struct Ledger {
  /// A record that no broker would take: the decision is not taken.
  struct TooLarge: Error {
    var topic: ControlTopic
    var bytes: Int
    var limit: Int
  }

  private(set) var state: ControlState
  /// As of the last commit.
  private var base: ControlState
  private var encoder: RecordEncoder
  private var events: [OutgoingControlRecord] = []
  private var service: [OutgoingControlRecord] = []
  private(set) var touched: Set<ResourceKey> = []
  /// Of what the decisions entered since the last commit write: their events, and each time anew the documents that they change.
  private(set) var bytes = 0
  private let limit: Int
  /// What `specs` and `status` say after the only decision since the last commit, and the encoder after it. Nil as soon as there is anything more:
  /// a lone command needn't wait until its documents are encoded a second time.
  private var encoded: (changes: [OutgoingControlRecord], encoder: RecordEncoder)?

  /// - Parameters:
  ///   - epoch: the owner's; every record carries it.
  ///   - limit: `max.message.bytes`; a record is sent in a batch of its own if need be.
  init(state: ControlState, installation: String, epoch: Int64, limit: Int) {
    self.state = state
    base = state
    encoder = RecordEncoder(installation: installation, epoch: epoch)
    self.limit = limit
  }

  var epoch: Int64 { encoder.epoch }
  var isEmpty: Bool { events.isEmpty && service.isEmpty && touched.isEmpty }

  /// Enters a whole decision, or nothing of it. Each event's hash is of the state after this very event.
  mutating func enter(
    _ drafts: [EventDraft], time: Instant, cause: Event.Cause, commandsThrough: Int64? = nil
  ) throws {
    var next = state
    var records: [OutgoingControlRecord] = []
    for draft in drafts {
      let event = next.record(
        draft, time: time, cause: cause, epoch: encoder.epoch,
        commandsThrough: commandsThrough ?? state.commandsThrough)
      let hash = try draft.key.flatMap { next.resources[$0] }?.stateHash()
      records.append(encoder.event(event, stateHash: hash))
    }
    let keys = Set(drafts.compactMap(\.key))
    // A copy encodes what would be written, so that the ids of status records count those that are.
    var trial = encoder
    let changes = trial.changes(from: base, to: next, keys: keys)
    let written = records + changes
    for record in written { try check(record) }
    encoded = isEmpty ? (changes, trial) : nil
    state = next
    events += records
    bytes += written.reduce(0) { $0 + $1.largestBatchBytes }
    touched.formUnion(keys)
  }

  /// Takes over figures that no event tells. False if they are stale or say nothing new; figures that would make the status record too large
  /// are left out.
  mutating func show(progress fact: Fact, rates: (ControlState) -> (records: Int64, bytes: Int64)) -> Bool {
    var next = state
    guard next.record(progress: fact) else { return false }
    let (records, bytes) = rates(next)
    next.record(recordsPerSecond: records, bytesPerSecond: bytes, of: fact.key)
    var trial = encoder
    for record in trial.changes(from: base, to: next, keys: [fact.key]) where record.largestBatchBytes > limit {
      return false
    }
    state = next
    encoded = nil
    touched.insert(fact.key)
    return true
  }

  mutating func forget(_ key: ResourceKey, at time: Instant) {
    state.forget(key, at: time)
    encoded = nil
    touched.insert(key)
  }

  mutating func show(service conditions: [ServiceCondition], at time: Instant) {
    encoded = nil
    service.append(encoder.service(conditions, sequence: state.sequence, time: time))
  }

  /// What one transaction must hold: the events, in order, then what `specs` and `status` say after them.
  mutating func records() -> [OutgoingControlRecord] {
    if let encoded {
      encoder = encoded.encoder
      self.encoded = nil
      return events + encoded.changes
    }
    return events + encoder.changes(from: base, to: state, keys: touched) + service
  }

  /// The transaction with `records` is committed. Returns the keys that it was about.
  mutating func committed() -> Set<ResourceKey> {
    defer {
      base = state
      encoded = nil
      events = []
      service = []
      touched = []
      bytes = 0
    }
    return touched
  }

  private func check(_ record: OutgoingControlRecord) throws(TooLarge) {
    guard record.largestBatchBytes <= limit else {
      throw TooLarge(topic: record.topic, bytes: record.largestBatchBytes, limit: limit)
    }
  }
}

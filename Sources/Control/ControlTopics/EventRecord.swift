package import JSON
package import RestoreModel

/// One record of `events`, read back: for people who follow it, for the audit, and for whoever waits for the answer to a command.
package struct EventRecord: Hashable, Sendable {
  package var offset: Int64
  package var event: Event
  /// Of the resource after this event; nil when there is none.
  package var stateHash: String?

  package init(offset: Int64, event: Event, stateHash: String?) {
    self.offset = offset
    self.event = event
    self.stateHash = stateHash
  }

  /// The record's value.
  package var json: JSONValue { event.json(stateHash: stateHash) }

  /// Every command has exactly one outcome, which cites its offset.
  package func isOutcome(ofCommandAt offset: Int64) -> Bool {
    guard event.outcome, case .command(offset, _) = event.cause else { return false }
    return true
  }

  package static func decode(_ record: ControlRecord) throws(CorruptLog) -> EventRecord {
    guard let key = RecordKey(bytes: record.key) else {
      throw record.corrupt("the key names no resource; only the service may write here")
    }
    let (event, stateHash) = try record.decodeOwn { Event.read(&$0, under: key) }
    return EventRecord(offset: record.offset, event: event, stateHash: stateHash)
  }
}

extension Event {
  fileprivate static func read(_ fields: inout ObjectReader, under key: RecordKey) -> (Event, String?)? {
    let type = fields.string("type")
    if let named = fields.string("key"), named != key.description { fields.reject("key", "must be the record's key") }
    let uid = fields.optionalString("uid")
    let run = fields.optionalInt("run", in: 0...Int64(Int32.max))
    let generation = fields.optionalInt("generation", in: Counted.range)
    let sequence = fields.int("sequence", in: 1...Counted.range.upperBound)
    let epoch = fields.int("epoch", in: Counted.range)
    let time = fields.instant("time")
    let cause = fields.object("cause") { Cause(reading: &$0) }
    let through = fields.int("commandsThrough", in: -1...(.max - 1))
    let outcome = fields.bool("outcome")
    let stateHash = fields.optionalString("stateHash")
    let known = type.map { Content.types.contains($0) } ?? false
    if type != nil, !known { fields.reject("type", "is no event that this version knows; start a newer thaw") }
    let data = fields.view("data")
    let content = type.flatMap { type in
      !known
        ? nil
        : data.flatMap { Decode.object($0, at: fields.path["data"], into: fields.errors) { Content.read(type, &$0) } }
    }
    fields.finish()
    guard let sequence, let epoch, let time, let cause, let through, let outcome, let content else { return nil }
    var resource: ResourceKey?
    if case .resource(let named) = key { resource = named }
    let event = Event(
      key: resource, uid: uid.map { UID($0) }, run: run.map { Int($0) }, generation: generation, sequence: sequence,
      epoch: epoch, time: time, cause: cause, commandsThrough: through, outcome: outcome, content: content)
    if event.recordKey != key { fields.reject("key", "is not where an event of this type stands") }
    return (event, stateHash)
  }
}

package import JSON
package import RestoreModel

/// What a replay of the history found.
package struct AuditReport: Sendable {
  /// The one resource that was asked about; nil: all.
  package var key: ResourceKey?
  /// Events replayed.
  package var events: Int64 = 0
  /// State hashes recomputed and compared.
  package var hashes: Int64 = 0
  /// Offsets in `events` of the first and the last event replayed; nil when there is none.
  package var offsets: ClosedRange<Int64>?
  /// Owners so far.
  package var owners: Int64 = 0
  /// The state that the events lead to.
  package var state = ControlState()
  /// The state was compared with `specs` and `status`; false for a state of the past.
  package var isHeadCompared = false
  /// Nil: everything agrees.
  package var difference: AuditDifference?

  package init() {}

  /// The resource asked about, as the events have it; nil when there is none (any more).
  package var resource: Resource? { key.flatMap { state.resources[$0] } }

  package var json: JSONValue {
    .build { fields in
      fields["consistent"] = .bool(difference == nil)
      fields.put("key", key?.description)
      fields.put("events", events)
      fields.put("hashes", hashes)
      fields["firstOffset"] = offsets.map { .int($0.lowerBound) } ?? .null
      fields["lastOffset"] = offsets.map { .int($0.upperBound) } ?? .null
      fields.put("sequence", state.sequence)
      fields.put("epoch", state.epoch)
      fields.put("resources", Int64(state.resources.count))
      fields["comparedWithHead"] = .bool(isHeadCompared)
      if key != nil { fields["resource"] = resource?.json ?? .null }
      fields["difference"] = difference?.json ?? .null
    }
  }
}

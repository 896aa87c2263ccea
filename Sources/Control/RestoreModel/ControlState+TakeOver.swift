extension ControlState {
  /// The first decision of a new owner: from here on, whatever works under an older claim speaks for nobody. Runs that are paused or
  /// failed get a new claim as well: nobody knows what a frozen process may still report about them.
  package func decideTakeOver(instance: String) -> [EventDraft] {
    let live = resources.values.filter(\.hasLiveRun).sorted { $0.key < $1.key }
    return [EventDraft(nil, .ownerChanged(instance: instance))]
      + live.map { EventDraft($0.key, .runTakenOver(claim: $0.nextClaim)) }
  }

  /// Keys whose memory of command ids is over seven days old, in order; the owner writes their tombstones and calls `forget`.
  package func keysToForget(at now: Instant) -> [ResourceKey] {
    deleted.filter { $0.value.isForgotten(at: now) }.map(\.key).sorted()
  }

  /// No event tells of it, and none has to: every later one is of a time at which a replay of the events has forgotten the key, too.
  package mutating func forget(_ key: ResourceKey, at now: Instant) {
    deleted[key] = nil
    time = max(time, now)
  }

  /// Time decides what is still remembered, and not whether the owner has come round to its tombstone.
  func remembered(_ key: ResourceKey, at time: Instant) -> DeletedResource? {
    deleted[key].flatMap { $0.isForgotten(at: time) ? nil : $0 }
  }
}

/// A storage or sink out of reach is no failure yet: it shows in the message of the condition that waits.
extension Decision {
  mutating func wait(_ key: ResourceKey, _ restore: Resource, _ fault: RunFault) {
    guard let condition = restore.waitingCondition else { return }
    changeMessage(key, restore, condition, Condition.waitingPrefix + fault.message)
  }

  /// Only figures that moved end a wait; a lane that waits may report the same ones again.
  mutating func endWait(_ key: ResourceKey, _ restore: Resource, _ lane: LaneID, _ topics: [TopicProgress]) {
    guard restore.hearsLanes, restore.status.condition(.jobCompleted)?.isWaiting == true else { return }
    var moved = restore
    guard moved.advance(lane, topics) else { return }
    moved.status.showJob(at: time)
    if let shown = moved.status.condition(.jobCompleted) { add(key, .conditionChanged(shown)) }
  }

  /// Whatever else the condition says for the moment comes first.
  mutating func wait(_ key: ResourceKey, _ restore: Resource, keeping lane: LaneID, _ fault: RunFault) {
    guard let condition = restore.keepingCondition, !condition.isWaiting || condition.isWaiting(toKeep: lane) else {
      return
    }
    changeMessage(key, restore, condition, Condition.keepingPrefix(lane) + fault.message)
  }

  mutating func endWait(_ key: ResourceKey, _ restore: Resource, keeping lane: LaneID) {
    guard let condition = restore.keepingCondition, condition.isWaiting(toKeep: lane) else { return }
    var kept = restore
    kept.status.showWork(condition.type, at: time)
    if let shown = kept.status.condition(condition.type) { changeMessage(key, restore, condition, shown.message) }
  }

  private mutating func changeMessage(
    _ key: ResourceKey, _ restore: Resource, _ old: Condition, _ message: String
  ) {
    guard old.message != message else { return }
    add(
      key,
      .conditionChanged(
        restore.status.changed(old.type, old.status, reason: old.reason, message: message, at: time)))
  }
}

extension Resource {
  /// Where it shows that positions can't be kept; nil when none are kept.
  fileprivate var keepingCondition: Condition? {
    guard status.stopping == nil else { return nil }
    return switch status.phase {
    case .restoring, .paused, .failed: status.condition(.jobCompleted)
    case .done: isVerificationPending ? status.condition(.verified) : nil
    case .initializing, .draft, .ready, .invalid, nil: nil
    }
  }

  /// The condition of the work that is going on; nil when none is.
  fileprivate var waitingCondition: Condition? {
    switch status.phase {
    case .initializing, .restoring: status.condition(.jobCompleted)
    case .paused, .failed: status.stopping == nil ? nil : status.condition(.jobCompleted)
    case .done: isVerificationPending ? status.condition(.verified) : nil
    case .draft, .ready, .invalid, nil: nil
    }
  }
}

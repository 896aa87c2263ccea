/// `Enable`, `Disable`, `Retry`, `Restart`, `Delete` of a Restore.
extension Decision {
  /// Also when it is enabled already: an edited document of a run that is over is held until then.
  mutating func enable(_ key: ResourceKey) throws(Rejection) {
    let restore = try restore(key)
    guard restore.restoreSpec?.enabled == false || restore.status.controller.held else {
      return unchanged(key, "\(key) is enabled already")
    }
    add(key, .restoreEnabled, outcome: true)
    settle(key)
  }

  mutating func disable(_ key: ResourceKey) throws(Rejection) {
    guard try restore(key).restoreSpec?.enabled == true else {
      return unchanged(key, "\(key) is not enabled")
    }
    add(key, .restoreDisabled, outcome: true)
    settle(key)
  }

  mutating func retry(_ key: ResourceKey) throws(Rejection) {
    let restore = try restore(key)
    guard restore.status.phase == .failed else {
      throw Rejection(.notApplicable, "\(key) has not failed (it is \(restore.shownPhase)): nothing to retry")
    }
    guard restore.status.stopping == nil else {
      throw Rejection(.notApplicable, "\(key) is being restarted")
    }
    guard restore.restoreSpec?.enabled == true else {
      throw Rejection(.notApplicable, "\(key) is not enabled: enable it, then retry")
    }
    add(key, .runRetried(claim: restore.nextClaim), outcome: true)
  }

  /// Begins a new run from the start, and enables the Restore if need be: nothing runs that isn't enabled.
  mutating func restart(_ key: ResourceKey) throws(Rejection) {
    let restore = try restore(key)
    guard let phase = restore.status.phase, restore.status.run > 0 else {
      throw Rejection(.notApplicable, "\(key) has had no run yet: enable it")
    }
    if restore.status.stopping == .restarting { return unchanged(key, "\(key) is being restarted already") }
    guard restore.restoreSpec?.config.topics.isEmpty == false else {
      throw Rejection(.notApplicable, "\(key) has no topics mapped")
    }
    if let valid = restore.status.condition(.valid), valid.status == .false {
      throw Rejection(.notApplicable, "\(key) can't be run as written: \(valid.message)")
    }
    if restore.restoreSpec?.enabled == false { add(key, .restoreEnabled) }
    let mayProduce = phase == .initializing || phase == .restoring || phase == .failed
    if mayProduce, !restore.lanes.isEmpty {
      add(key, .restartAccepted(claim: restore.nextClaim), outcome: true)
    } else {
      add(key, .runStarted(run: restore.status.run + 1, claim: restore.nextClaim), outcome: true)
    }
  }

  mutating func delete(_ key: ResourceKey) throws(Rejection) {
    let restore = try restore(key)
    if restore.status.phase?.isUnfinished == true, !restore.lanes.isEmpty {
      add(key, .deleteAccepted(claim: restore.nextClaim), outcome: true)
    } else {
      add(key, .restoreDeleted, outcome: true)
    }
  }
}

extension Resource {
  var shownPhase: String { status.phase?.rawValue ?? "without a phase" }
}

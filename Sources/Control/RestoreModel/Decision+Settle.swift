extension Decision {
  /// Adds whatever follows from the state that was reached: level-triggered, so that it doesn't matter which command or fact led
  /// there, and applied to a settled state it adds nothing.
  mutating func settle(_ key: ResourceKey) {
    guard let restore = state.resources[key], let phase = restore.status.phase else { return }
    if let stopping = restore.status.stopping {
      guard restore.isSealed else { return }
      switch stopping {
      case .pausing:
        add(key, .runPaused)
        settle(key)
      case .restarting: add(key, .runStarted(run: restore.status.run + 1, claim: restore.nextClaim))
      case .deleting: add(key, .restoreDeleted)
      }
    } else if phase.isUnfinished {
      if phase == .paused, restore.restoreSpec?.enabled == true { add(key, .runResumed(claim: restore.nextClaim)) }
    } else {
      settleValidity(key, restore)
      if let idle = state.resources[key], idle.isDue {
        add(key, .runStarted(run: idle.status.run + 1, claim: idle.nextClaim))
      }
    }
  }

  private mutating func settleValidity(_ key: ResourceKey, _ restore: Resource) {
    let missing = state.missing(for: restore)
    let reason: Condition.Reason = missing.isEmpty ? .specAccepted : .specInvalid
    let wanted = restore.status.changed(
      .valid, missing.isEmpty ? .true : .false, reason: reason.rawValue, message: missing.joined(separator: "; "),
      at: time)
    if wanted != restore.status.condition(.valid) { add(key, .conditionChanged(wanted)) }
  }
}

extension Resource {
  /// A run is to start by itself.
  var isDue: Bool {
    guard let spec = restoreSpec, let phase = status.phase else { return false }
    switch phase {
    case .draft, .ready, .invalid: break
    case .initializing, .restoring, .paused, .failed, .done: return false
    }
    return spec.enabled && !spec.config.topics.isEmpty && !status.controller.held && status.stopping == nil
      && status.condition(.valid)?.status == .true
  }
}

extension ControlState {
  /// What the document names and its namespace doesn't have.
  func missing(for restore: Resource) -> [String] {
    guard let spec = restore.restoreSpec else { return [] }
    let namespace = restore.metadata.namespace
    let names: [(String, ResourceKind, String?)] = [
      ("source", .storage, spec.source), ("sink", .eventHub, spec.sink),
      ("sourceCredentialsFrom", .credentials, spec.sourceCredentials),
      ("sinkCredentialsFrom", .credentials, spec.sinkCredentials),
    ]
    return names.compactMap { path, kind, name in
      guard let name, resources[ResourceKey(kind, namespace: namespace, name: name)] == nil else { return nil }
      return "\(path): \(kind.rawValue) \"\(name)\" does not exist in namespace \"\(namespace)\""
    }
  }
}

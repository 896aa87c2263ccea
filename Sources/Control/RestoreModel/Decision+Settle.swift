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
    let obstacles = state.obstacles(of: restore)
    let reason: Condition.Reason = obstacles.isEmpty ? .specAccepted : .specInvalid
    let wanted = restore.status.changed(
      .valid, obstacles.isEmpty ? .true : .false, reason: reason.rawValue, message: obstacles.joined(separator: "; "),
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
  /// Why the Restore can't be run, by what else is there: each goes away with a change of another document.
  func obstacles(of restore: Resource) -> [String] {
    guard let spec = restore.restoreSpec else { return [] }
    return missing(spec, restore.metadata.namespace) + unfit(spec, restore.metadata.namespace)
  }

  /// What the document names and its namespace doesn't have.
  private func missing(_ spec: RestoreSpec, _ namespace: String) -> [String] {
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

  /// Credentials of a form that what they are for can't use. A volume needs none, and takes no notice of any.
  private func unfit(_ spec: RestoreSpec, _ namespace: String) -> [String] {
    func find(_ kind: ResourceKind, _ name: String?) -> ResourceSpec? {
      name.flatMap { resources[ResourceKey(kind, namespace: namespace, name: $0)]?.spec }
    }
    func problem(_ path: String, _ name: String?, _ use: String, _ forms: [CredentialsSpec.Form]) -> [String] {
      guard let name, case .credentials(let credentials)? = find(.credentials, name), !forms.contains(credentials.form)
      else { return [] }
      let wanted = forms.map(\.rawValue).joined(separator: " or ")
      return ["\(path): Credentials \"\(name)\" are of the form \(credentials.form.rawValue); \(use) takes \(wanted)"]
    }
    var problems: [String] = []
    if case .storage(.s3)? = find(.storage, spec.source) {
      problems += problem("sourceCredentialsFrom", spec.sourceCredentials, "a bucket in S3", [.aws])
    }
    if find(.eventHub, spec.sink) != nil {
      problems += problem("sinkCredentialsFrom", spec.sinkCredentials, "an EventHub", [.sasl, .mutualTLS])
    }
    return problems
  }
}

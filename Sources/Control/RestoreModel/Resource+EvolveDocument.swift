/// How events about the document change it. Every event that changes `spec` raises the generation by one: an import of three
/// topics raises it by three.
extension Resource {
  mutating func apply(_ document: ResourceDocument, at time: Instant) {
    take(document)
    status.warnings = document.warnings
    status.set(.valid, .true, .specAccepted, at: time)
  }

  mutating func change(to document: ResourceDocument, held: Bool, at time: Instant) {
    let old = restoreSpec
    take(document)
    guard let old, let new = restoreSpec else { return }
    let edited = !old.lockedChanges(to: new).isEmpty
    if edited { reopen(at: time) }
    if status.phase?.isUnfinished != true, edited { status.warnings = [] }
    status.warn(document.warnings + new.warnings)
    status.controller.held = held
    if old.enabled != new.enabled { follow(enabled: new.enabled) }
    settlePhase()
  }

  mutating func map(_ mapping: TopicMapping, at time: Instant) {
    guard var new = restoreSpec else { return }
    if let index = new.config.topics.firstIndex(where: { $0.target == mapping.target }) {
      new.config.topics[index] = mapping
    } else {
      new.config.topics.append(mapping)
    }
    edit(new, at: time)
  }

  mutating func unmap(_ target: TopicName, at time: Instant) {
    guard var new = restoreSpec else { return }
    new.config.topics.removeAll { $0.target == target }
    edit(new, at: time)
  }

  mutating func enable(_ enabled: Bool) {
    guard var new = restoreSpec else { return }
    let changed = new.enabled != enabled
    new.enabled = enabled
    replace(.restore(new))
    if enabled { status.controller.held = false }
    if changed { follow(enabled: enabled) }
  }

  /// After creation: the phase and what the document itself gives reason to warn of.
  mutating func settleNewDocument() {
    guard let spec = restoreSpec else { return }
    status.phase = .draft
    status.warn(spec.warnings)
    settlePhase()
  }

  /// Draft, Ready and Invalid follow from the document alone; no topics outranks whatever else is wrong.
  mutating func settlePhase() {
    guard let spec = restoreSpec, let phase = status.phase, !phase.isUnfinished, phase != .done else { return }
    if spec.config.topics.isEmpty {
      status.phase = .draft
    } else {
      status.phase = status.condition(.valid)?.status == .false ? .invalid : .ready
    }
  }

  private mutating func edit(_ new: RestoreSpec, at time: Instant) {
    let wasOver = isOver
    replace(.restore(new))
    reopen(at: time)
    if wasOver { status.controller.held = true }
    settlePhase()
  }

  private mutating func take(_ document: ResourceDocument) {
    if let labels = document.labels { metadata.labels = labels }
    if let annotations = document.annotations { metadata.annotations = annotations }
    replace(document.spec)
  }

  private mutating func replace(_ new: ResourceSpec) {
    guard new != spec else { return }
    spec = new
    metadata.generation += 1
    status.observedGeneration = metadata.generation
    if var valid = status.condition(.valid) {
      valid.observedGeneration = metadata.generation
      status.put(valid)
    }
  }

  /// An edit of the document of a run that is over: what the run did can no longer be checked against the document.
  private mutating func reopen(at time: Instant) {
    guard isOver else { return }
    if status.phase == .failed { forgetFailedRun() }
    let wasVerificationPending = isVerificationPending
    status.phase = .ready
    if wasVerificationPending {
      status.set(
        .verified, .unknown, .notRequested, message: "The document was edited before the run was verified.", at: time)
    }
  }

  /// The claim is raised: what an old worker still reports of that run concerns nothing.
  private mutating func forgetFailedRun() {
    var controller = ControllerState()
    controller.commandIDs = status.controller.commandIDs
    controller.claim = nextClaim
    controller.runGeneration = status.controller.runGeneration
    status.controller = controller
    status.progress = nil
    status.remove(.failed, .preflightPassed, .jobCompleted)
  }

  /// What the switch does to a run at work. Turning it off withdraws a restart; a run that is being paused when it is turned on
  /// is paused all the same, and resumed with the seal of its last lane.
  private mutating func follow(enabled: Bool) {
    guard !enabled else { return }
    switch (status.phase, status.stopping) {
    case (.initializing, nil), (.restoring, nil), (.initializing, .restarting), (.restoring, .restarting):
      status.stopping = .pausing
    case (.failed, .restarting): status.stopping = nil
    default: break
    }
  }
}

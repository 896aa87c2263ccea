extension Resource {
  /// Moves the resource by an event other than its creation and its end.
  mutating func evolve(_ content: Event.Content, at time: Instant) {
    switch content {
    case .topicMapped(let mapping): map(mapping, at: time)
    case .topicUnmapped(let target): unmap(target, at: time)
    case .specChanged(let document, let held): change(to: document, held: held, at: time)
    case .restoreEnabled: enable(true)
    case .restoreDisabled: enable(false)
    case .runStarted(let run, let claim): start(run, claim, at: time)
    case .runPlanned(let plan): freeze(plan, at: time)
    case .preflightPassed(let report): pass(report, at: time)
    case .preflightFailed(let report): fail(report, at: time)
    case .lanePositioned(let lane):
      status.controller.notePositioned(lane)
      goOn(at: time)
    case .topicStarted(let topic, let lane): begin(topic, lane, at: time)
    case .topicRestored(let topic, let lane, let figures): finish(topic, lane, figures, at: time)
    case .laneSealed(let lane, let warning):
      status.controller.sealed.insertOnce(lane)
      status.warn(warning.map { [sealWarning(lane, $0)] } ?? [])
      goOn(at: time)
    case .runPaused:
      status.stopping = nil
      enter(.paused, at: time)
    case .runResumed(let claim), .runRetried(let claim): continueRun(claim, at: time)
    case .runTakenOver(let claim): take(claim)
    case .runFailed(let fault): fail(fault, at: time)
    case .runCompleted: complete(at: time)
    case .runVerified(let receipt), .verificationFailed(let receipt), .verificationInconclusive(let receipt):
      status.set(
        .verified, receipt.verdict.status, reason: receipt.verdict.rawValue, message: receipt.message, at: time)
    case .restartAccepted(let claim):
      status.stopping = .restarting
      take(claim)
    case .deleteAccepted(let claim):
      status.stopping = .deleting
      take(claim)
    case .conditionChanged(let condition):
      status.put(condition)
      settlePhase()
    case .restoreCreated, .restoreDeleted, .resourceApplied, .resourceDeleted, .commandUnchanged, .commandRejected,
      .ownerChanged, .partitionsCompared:
      break
    }
  }

  private mutating func enter(_ phase: Phase, at time: Instant) {
    status.phase = phase
    status.showJob(at: time)
  }

  /// A new claim makes every seal void: it says nothing about who may wake up with the older one.
  private mutating func take(_ claim: Claim) {
    status.controller.claim = claim
    status.controller.sealed = []
  }

  private mutating func start(_ run: Int, _ claim: Claim, at time: Instant) {
    if status.phase == .done || status.phase?.isUnfinished == true {
      // The former run's go; those of the document, which is the same, are found anew. What a seal of a former run could not make sure concerns
      // this run, too: an old process may still write into its targets.
      let unsealed = status.warnings.filter { $0.hasPrefix(Self.formerRunPrefix) }
      status.warnings = (restoreSpec?.warnings ?? []) + unsealed
    }
    var controller = ControllerState()
    controller.commandIDs = status.controller.commandIDs
    controller.claim = claim
    controller.runGeneration = metadata.generation
    status.controller = controller
    status.run = run
    status.stopping = nil
    status.progress = nil
    status.startTime = time
    status.completionTime = nil
    status.remove(.failed, .preflightPassed, .verified)
    enter(.initializing, at: time)
  }

  private static let formerRunPrefix = "after run "

  private func sealWarning(_ lane: LaneID, _ warning: String) -> String {
    let text = "lane \(lane): \(warning)"
    return status.stopping == .restarting ? "\(Self.formerRunPrefix)\(status.run), \(text)" : text
  }

  private mutating func freeze(_ plan: RunPlan, at time: Instant) {
    status.controller.lanes = plan.lanes
    status.controller.archiveDigest = plan.archiveDigest
    status.controller.clusterID = plan.clusterID
    status.controller.sources = plan.sources
    status.progress = Progress(topics: plan.topics)
    goOn(at: time)
  }

  private mutating func pass(_ report: PreflightReport, at time: Instant) {
    status.controller.preflightPassed = true
    status.set(.preflightPassed, .true, report.disabled ? .checksDisabled : .checksPassed, at: time)
    status.warn(report.warnings)
    enter(.restoring, at: time)
  }

  /// Also when a topic's own turn came: a retry does the preflight of all topics again.
  private mutating func fail(_ report: PreflightReport, at time: Instant) {
    status.controller.preflightPassed = false
    status.set(
      .preflightPassed, .false, .checksFailed, message: report.failures.joined(separator: "; "), at: time)
    status.warn(report.warnings)
  }

  private mutating func fail(_ fault: RunFault, at time: Instant) {
    status.stopping = nil
    status.set(.failed, .true, reason: fault.reason, message: fault.message, at: time)
    enter(.failed, at: time)
  }

  private mutating func begin(_ topic: TopicName, _ lane: LaneID, at time: Instant) {
    status.controller.startedTopics.insertOnce(topic)
    status.progress?.update(topic) {
      $0.lane = lane
      $0.state = .restoring
    }
    goOn(at: time)
  }

  private mutating func finish(_ topic: TopicName, _ lane: LaneID, _ figures: Figures, at time: Instant) {
    status.controller.startedTopics.insertOnce(topic)
    status.controller.restoredTopics.insertOnce(topic)
    status.progress?.update(topic) {
      $0.lane = lane
      $0.state = .restored
      $0.figures = figures
    }
    goOn(at: time)
  }

  /// Back to where the run stood; a preflight that had not passed is done again.
  private mutating func continueRun(_ claim: Claim, at time: Instant) {
    take(claim)
    status.stopping = nil
    status.remove(.failed)
    enter(status.controller.preflightPassed ? .restoring : .initializing, at: time)
  }

  private mutating func complete(at time: Instant) {
    status.stopping = nil
    status.completionTime = time
    if restoreSpec?.config.verify == Verify.none {
      status.set(.verified, .unknown, .notRequested, message: "config.verify is none.", at: time)
    } else {
      status.showWork(.verified, at: time)
    }
    enter(.done, at: time)
  }

  /// Something was achieved: whatever was waited for is there again.
  private mutating func goOn(at time: Instant) {
    if status.condition(.jobCompleted)?.isWaiting == true { status.showJob(at: time) }
  }
}

extension Progress {
  mutating func update(_ target: TopicName, _ change: (inout TopicProgress) -> Void) {
    guard let index = topics.firstIndex(where: { $0.target == target }) else { return }
    change(&topics[index])
  }
}

extension Array where Element: Equatable {
  mutating func insertOnce(_ element: Element) {
    if !contains(element) { append(element) }
  }
}

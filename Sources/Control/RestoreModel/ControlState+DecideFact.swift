extension ControlState {
  /// What a fact leads to. Empty: it is dropped, being of another uid, run or claim, out of its phase, or a repeat; whoever sent
  /// it finds out from the desired work. Progress alone leads to nothing but the end of a wait: give a `progress` fact to this
  /// function before `record(progress:)`.
  package func decide(_ fact: Fact, at time: Instant) -> [EventDraft] {
    guard let restore = resources[fact.key], restore.isConcerned(by: fact) else { return [] }
    var decision = Decision(state: self, time: time, cause: .fact(fact.name))
    decision.take(fact.content, of: fact.key, restore)
    return decision.drafts
  }
}

extension Resource {
  func isConcerned(by fact: Fact) -> Bool {
    metadata.uid == fact.uid && status.run > 0 && status.run == fact.run && status.controller.claim == fact.claim
  }

  /// Lanes may produce, or may have produced under the claim in force: while a run is being paused its lanes still have the
  /// claim of the seal, and what they report is true. For a restart or a deletion the claim was raised first.
  var hearsLanes: Bool {
    status.phase == .restoring && (status.stopping == nil || status.stopping == .pausing)
  }

  var isPreparing: Bool { status.phase == .initializing && status.stopping == nil }
}

extension Decision {
  mutating func take(_ content: Fact.Content, of key: ResourceKey, _ restore: Resource) {
    let controller = restore.status.controller
    switch content {
    case .waiting(let fault): wait(key, restore, fault)
    case .planned(let plan): freeze(key, restore, plan)
    case .preflightPassed(let report):
      guard restore.isPreparing, !restore.lanes.isEmpty else { return }
      add(key, .preflightPassed(report))
    case .preflightFailed(let report):
      guard restore.isPreparing || restore.hearsLanes else { return }
      add(key, .preflightFailed(report))
      add(key, .runFailed(RunFault(reason: "PreflightFailed", message: report.failures.joined(separator: "; "))))
    case .positioned(let lane):
      guard restore.hearsPositions, restore.lane(lane) != nil, !controller.positioned.contains(lane) else { return }
      add(key, .lanePositioned(lane))
    case .topicStarted(let topic, let lane):
      guard restore.hearsLanes, restore.lane(lane)?.topics.contains(topic) == true,
        !controller.startedTopics.contains(topic)
      else { return }
      add(key, .topicStarted(topic, lane))
    case .topicRestored(let topic, let lane, let figures): finish(key, restore, topic, lane, figures)
    case .progress(let lane, let topics): endWait(key, restore, lane, topics)
    case .sealed(let lane, let warning):
      guard restore.status.stopping != nil, restore.lane(lane) != nil, !controller.sealed.contains(lane) else { return }
      add(key, .laneSealed(lane, warning: warning))
      settle(key)
    case .kept(let lane): endWait(key, restore, keeping: lane)
    case .notKept(let lane, let fault): wait(key, restore, keeping: lane, fault)
    case .superseded: return
    case .failed(let fault): fail(key, restore, fault)
    case .verified(let receipt): verify(key, restore, receipt)
    }
  }

  /// A plan that leaves out a topic would let the run complete without it.
  private mutating func freeze(_ key: ResourceKey, _ restore: Resource, _ plan: RunPlan) {
    guard restore.isPreparing, restore.lanes.isEmpty, let spec = restore.restoreSpec else { return }
    let planned = plan.lanes.flatMap(\.topics)
    let ids = Set(plan.lanes.map(\.id))
    guard planned.sorted() == spec.config.topics.map(\.target).sorted(), ids.count == plan.lanes.count,
      plan.lanes.allSatisfy({ !$0.topics.isEmpty })
    else {
      let message = "the plan's lanes are not the topics of the document, each once; this is a defect, please report it"
      return add(key, .runFailed(RunFault(reason: "PlanInconsistent", message: message)))
    }
    add(key, .runPlanned(plan))
  }

  private mutating func finish(
    _ key: ResourceKey, _ restore: Resource, _ topic: TopicName, _ lane: LaneID, _ figures: Figures
  ) {
    let controller = restore.status.controller
    guard restore.hearsLanes, restore.lane(lane)?.topics.contains(topic) == true,
      controller.positioned.contains(lane), !controller.restoredTopics.contains(topic)
    else { return }
    add(key, .topicRestored(topic, lane, figures))
    if state.resources[key]?.isWhollyRestored == true { add(key, .runCompleted) }
  }

  /// A deletion goes on whatever happens: its lanes count as sealed, with the fault as a warning. A pause or a restart that
  /// can't be brought to its end fails the run, and leaves it to the user.
  private mutating func fail(_ key: ResourceKey, _ restore: Resource, _ fault: RunFault) {
    switch (restore.status.phase, restore.status.stopping) {
    case (_, .deleting):
      for lane in restore.lanes where !restore.status.controller.sealed.contains(lane.id) {
        add(key, .laneSealed(lane.id, warning: fault.message))
      }
      settle(key)
    case (.initializing, _), (.restoring, _), (.failed, .restarting): add(key, .runFailed(fault))
    case (.done, _): wait(key, restore, fault)
    default: return
    }
  }

  private mutating func verify(_ key: ResourceKey, _ restore: Resource, _ receipt: VerificationReceipt) {
    guard restore.status.phase == .done, restore.isVerificationPending else { return }
    var receipt = receipt
    while receipt.partitions.count > VerificationReceipt.partitionsOfAnEvent {
      let part = receipt.partitions.prefix(VerificationReceipt.partitionsOfAnEvent)
      add(key, .partitionsCompared(Array(part)))
      receipt.partitions.removeFirst(part.count)
    }
    switch receipt.verdict.status {
    case .true: add(key, .runVerified(receipt))
    case .false: add(key, .verificationFailed(receipt))
    case .unknown: add(key, .verificationInconclusive(receipt))
    }
  }
}

extension Resource {
  /// That a lane's start positions exist is worth knowing also when the run failed meanwhile.
  var hearsPositions: Bool { hearsLanes || (status.phase == .failed && status.stopping == nil) }
}

extension Resource {
  /// The completed run still waits to be read back.
  package var isVerificationPending: Bool {
    guard let verified = status.condition(.verified) else { return false }
    return verified.status == .unknown && verified.reason == Condition.Reason.pending.rawValue
  }

  /// Work may be going on, or may have to go on, on behalf of the latest run.
  package var hasLiveRun: Bool {
    guard let phase = status.phase else { return false }
    return phase.isUnfinished || (phase == .done && isVerificationPending)
  }

  /// An edit of the document ends what there was of the latest run: it is complete, or failed in its preflight and has sent nothing. A lane sends
  /// nothing before an event says that it is positioned, and one that hears of it later has an old claim.
  var isOver: Bool {
    switch status.phase {
    case .done: true
    case .failed:
      !status.controller.preflightPassed && status.controller.positioned.isEmpty && status.stopping == nil
    default: false
    }
  }

  /// True also while no lane is planned: then nothing was ever produced.
  var isSealed: Bool { lanes.allSatisfy { status.controller.sealed.contains($0.id) } }

  var lanes: [PlannedLane] { status.controller.lanes }

  func lane(_ id: LaneID) -> PlannedLane? { lanes.first { $0.id == id } }

  var plannedTopics: [TopicName] { lanes.flatMap(\.topics) }

  var isWhollyRestored: Bool {
    !lanes.isEmpty && Set(plannedTopics).isSubset(of: status.controller.restoredTopics)
  }

  var nextClaim: Claim { status.controller.claim.next }
}

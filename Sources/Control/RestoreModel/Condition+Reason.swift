extension Condition {
  /// The reasons that are ours; `Failed` also takes the fault's, `Verified` the verdict's.
  package enum Reason: String, CaseIterable, Sendable {
    case specAccepted = "SpecAccepted"
    case specInvalid = "SpecInvalid"
    case jobInitializing = "JobInitializing"
    case jobRunning = "JobRunning"
    case jobPaused = "JobPaused"
    case jobFailed = "JobFailed"
    case jobCompleted = "JobCompleted"
    case checksPassed = "ChecksPassed"
    case checksDisabled = "ChecksDisabled"
    case checksFailed = "ChecksFailed"
    case notRequested = "NotRequested"
    case pending = "Pending"
  }

  /// Begins the message of a condition whose work can't reach the storage or the sink for the moment.
  static let waitingPrefix = "Waiting: "

  /// The work behind the condition can't go on for the moment and is tried again.
  package var isWaiting: Bool { message.hasPrefix(Self.waitingPrefix) }

  static func keepingPrefix(_ lane: LaneID) -> String {
    "\(waitingPrefix)the positions of lane \(lane), which brokers drop after offsets.retention.minutes, can't be committed again: "
  }

  func isWaiting(toKeep lane: LaneID) -> Bool { message.hasPrefix(Self.keepingPrefix(lane)) }
}

extension ResourceStatus {
  mutating func set(
    _ type: Condition.Kind, _ status: Condition.Status, _ reason: Condition.Reason, message: String = "",
    at time: Instant
  ) {
    set(type, status, reason: reason.rawValue, message: message, at: time)
  }

  mutating func set(
    _ type: Condition.Kind, _ status: Condition.Status, reason: String, message: String, at time: Instant
  ) {
    put(changed(type, status, reason: reason, message: message, at: time))
  }

  /// The condition as it would be after the change: `lastTransitionTime` moves only with `status`.
  func changed(
    _ type: Condition.Kind, _ status: Condition.Status, reason: String, message: String, at time: Instant
  ) -> Condition {
    let old = condition(type)
    return Condition(
      type, status, reason: reason, message: message,
      lastTransitionTime: old?.status == status ? old?.lastTransitionTime ?? time : time,
      observedGeneration: observedGeneration)
  }

  mutating func put(_ condition: Condition) {
    if let index = conditions.firstIndex(where: { $0.type == condition.type }) {
      conditions[index] = condition
    } else {
      conditions.append(condition)
    }
  }

  mutating func remove(_ types: Condition.Kind...) {
    conditions.removeAll { types.contains($0.type) }
  }

  mutating func warn(_ texts: [String]) {
    for text in texts where !warnings.contains(text) { warnings.append(text) }
  }

  /// As the phase has it, without a message of waiting.
  mutating func showWork(_ type: Condition.Kind, at time: Instant) {
    if type == .verified {
      set(.verified, .unknown, .pending, message: "The target is being read back.", at: time)
    } else {
      showJob(at: time)
    }
  }

  /// `JobCompleted` as the phase has it; a message of waiting is gone with it.
  mutating func showJob(at time: Instant) {
    switch phase {
    case .initializing: set(.jobCompleted, .false, .jobInitializing, message: "The run is being prepared.", at: time)
    case .restoring: set(.jobCompleted, .false, .jobRunning, message: "Records are being restored.", at: time)
    case .paused: set(.jobCompleted, .false, .jobPaused, message: "The run stands at a checkpoint.", at: time)
    case .failed:
      set(.jobCompleted, .false, .jobFailed, message: condition(.failed)?.message ?? "", at: time)
    case .done: set(.jobCompleted, .true, .jobCompleted, message: "Every selected record is restored.", at: time)
    case .draft, .ready, .invalid, nil: break
    }
  }
}

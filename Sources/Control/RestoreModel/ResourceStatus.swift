/// `status` of a document. Supporting kinds use only `observedGeneration`, `conditions`, `warnings` and `controller.commandIDs`.
package struct ResourceStatus: Hashable, Sendable {
  package var uid: UID
  /// Nil for supporting kinds.
  package var phase: Phase?
  package var stopping: Stopping?
  /// Unique by type, in the order in which they first appeared.
  package var conditions: [Condition] = []
  package var observedGeneration: Int64
  /// Number of the latest run, from 1; 0: none yet.
  package var run = 0
  /// From the decision that started the run.
  package var startTime: Instant?
  package var completionTime: Instant?
  package var warnings: [String] = []
  /// Absolute figures of the latest run; not part of the state's hash. Events of the plan and of topics set them, and so does
  /// `record(progress:)` in between, of which no event tells.
  package var progress: Progress?
  package var controller = ControllerState()

  package init(uid: UID, observedGeneration: Int64, phase: Phase? = nil) {
    self.uid = uid
    self.observedGeneration = observedGeneration
    self.phase = phase
  }

  package func condition(_ type: Condition.Kind) -> Condition? { conditions.first { $0.type == type } }
}

/// `status.phase`: the bare word. `shown` is what tables show.
package enum Phase: String, CaseIterable, Sendable {
  case draft = "Draft"
  case ready = "Ready"
  case invalid = "Invalid"
  case initializing = "Initializing"
  case restoring = "Restoring"
  case paused = "Paused"
  case failed = "Failed"
  case done = "Done"

  package var shown: String {
    switch self {
    case .draft: "📝 Draft"
    case .ready: "👍 Ready"
    case .invalid: "⛔ Invalid"
    case .initializing: "⏳ Initializing"
    case .restoring: "🚀 Restoring"
    case .paused: "⏸ Paused"
    case .failed: "❌ Failed"
    case .done: "✅ Done"
    }
  }

  /// A run exists that has neither completed nor been replaced: the spec is locked but for what *Runs* allows.
  package var isUnfinished: Bool {
    switch self {
    case .initializing, .restoring, .paused, .failed: true
    case .draft, .ready, .invalid, .done: false
    }
  }
}

/// What a run is being sealed for; the phase stays until every lane is sealed.
package enum Stopping: String, CaseIterable, Sendable {
  case pausing = "Pausing"
  case restarting = "Restarting"
  case deleting = "Deleting"
}

/// A condition in the Kubernetes form.
package struct Condition: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case jobCompleted = "JobCompleted"
    case failed = "Failed"
    case valid = "Valid"
    case preflightPassed = "PreflightPassed"
    case verified = "Verified"
  }
  package enum Status: String, CaseIterable, Sendable {
    case `true` = "True"
    case `false` = "False"
    case unknown = "Unknown"
  }
  package var type: Kind
  package var status: Status
  /// One CamelCase word.
  package var reason: String
  package var message: String
  /// Changes only with `status`.
  package var lastTransitionTime: Instant
  package var observedGeneration: Int64

  package init(
    _ type: Kind, _ status: Status, reason: String, message: String = "", lastTransitionTime: Instant,
    observedGeneration: Int64
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    self.lastTransitionTime = lastTransitionTime
    self.observedGeneration = observedGeneration
  }
}

/// `status.controller`: what the fold needs beyond what people read.
package struct ControllerState: Hashable, Sendable {
  /// The claim in force; `.none` before the first run.
  package var claim = Claim.none
  /// Generation of the spec that the run does.
  package var runGeneration: Int64?
  /// SHA-256 of the archive's index that the run was planned on, lower-case hex.
  package var archiveDigest: String?
  /// `cluster.id` of the sink that the run was planned on; nil before the plan, and where brokers tell none.
  package var clusterID: String?
  /// How far the archive reached then: what it has grown by since is no part of the run.
  package var sources: [PlannedSource] = []
  /// Frozen by `RunPlanned`; empty before.
  package var lanes: [PlannedLane] = []
  package var preflightPassed = false
  /// Lanes whose start positions exist in the sink.
  package var positioned: [LaneID] = []
  /// The claim under which each of them was recorded, in the same order. Positions in the sink that carry a lower one are those of a worker that slept
  /// through their loss.
  package var positionedClaims: [Claim] = []
  /// Lanes sealed under the claim in force; a new claim empties it.
  package var sealed: [LaneID] = []
  package var startedTopics: [TopicName] = []
  package var restoredTopics: [TopicName] = []
  /// A completed run's document was edited: only `Restart` or enabling anew starts another run.
  package var held = false
  /// Ids of the last 64 commands handled, oldest first.
  package var commandIDs: [String] = []

  package init() {}
  package mutating func notePositioned(_ lane: LaneID) {
    guard !positioned.contains(lane) else { return }
    positioned.append(lane)
    positionedClaims.append(claim)
  }

  package func positionedClaim(of lane: LaneID) -> Claim? {
    guard let index = positioned.firstIndex(of: lane), positionedClaims.indices.contains(index) else { return nil }
    return positionedClaims[index]
  }

  package static let rememberedCommandIDs = 64
}

/// The archive of one source topic as a run was planned on it.
package struct PlannedSource: Hashable, Sendable {
  package var topic: TopicName
  /// By partition: the source offset, exclusive, up to which it was archived.
  package var ends: [Int64]

  package init(topic: TopicName, ends: [Int64]) {
    self.topic = topic
    self.ends = ends
  }
}

/// One lane as `RunPlanned` froze it.
package struct PlannedLane: Hashable, Sendable {
  package var id: LaneID
  /// Target topics, in the order in which the lane restores them.
  package var topics: [TopicName]
  /// `max.message.bytes` that all of its targets share; bytes.
  package var maxMessageBytes: Int64

  package init(id: LaneID, topics: [TopicName], maxMessageBytes: Int64) {
    self.id = id
    self.topics = topics
    self.maxMessageBytes = maxMessageBytes
  }
}

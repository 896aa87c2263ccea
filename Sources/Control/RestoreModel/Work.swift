/// One thing that should be running, derived from the fold and never stored. Two items of the same id are the same work: only the
/// changeable part (`positioned`, `throttle`, `slots`) may differ, and a running worker takes it over.
package struct WorkItem: Hashable, Sendable {
  package struct ID: Hashable, Sendable {
    package var key: ResourceKey
    package var uid: UID
    package var run: Int
    package var claim: Claim
    package var task: Task

    package init(key: ResourceKey, uid: UID, run: Int, claim: Claim, task: Task) {
      self.key = key
      self.uid = uid
      self.run = run
      self.claim = claim
      self.task = task
    }
  }

  package enum Task: Hashable, Sendable {
    /// Plan the run (unless its lanes are frozen already) and do the preflight of all topics.
    case prepare
    case lane(LaneID)
    /// Take the lane over with the claim, commit its positions, produce nothing.
    case seal(LaneID)
    /// Commit the positions of a lane that nothing works on, now and then as long as it is wanted, or brokers forget them. Take-over first, like a seal.
    case keep(LaneID)
    case verify
  }

  package var id: ID
  package var spec: RestoreSpec
  package var source: StorageSpec
  package var sink: EventHubSpec
  package var sourceCredentials: CredentialsSpec?
  package var sinkCredentials: CredentialsSpec?
  /// Frozen lanes; empty before `RunPlanned`.
  package var lanes: [PlannedLane]
  package var archiveDigest: String?
  /// `cluster.id` of the sink that the run was planned on; nil before the plan, and where brokers tell none.
  package var clusterID: String?
  /// How far the archive reached when the run was planned; empty before `RunPlanned`.
  package var sources: [PlannedSource]
  /// Topics of earlier leases of the lane that are recorded as restored already.
  package var restoredTopics: [TopicName]
  /// The control topics know that the lane's start positions exist: it may produce, and must not start afresh.
  package var positioned: Bool
  /// The claim under which they learnt it; nil before.
  package var positionedClaim: Claim?
  /// Topics that the lane may restore at the same time, at least 1.
  package var slots: Int
  /// A seal for a deletion goes on, with a warning, when the sink can't be reached.
  package var forDeletion: Bool

  package init(
    id: ID, spec: RestoreSpec, source: StorageSpec, sink: EventHubSpec, sourceCredentials: CredentialsSpec?,
    sinkCredentials: CredentialsSpec?, lanes: [PlannedLane], archiveDigest: String?, sources: [PlannedSource] = [],
    clusterID: String? = nil, restoredTopics: [TopicName] = [], positioned: Bool = false, slots: Int = 1,
    forDeletion: Bool = false
  ) {
    self.id = id
    self.spec = spec
    self.source = source
    self.sink = sink
    self.sourceCredentials = sourceCredentials
    self.sinkCredentials = sinkCredentials
    self.lanes = lanes
    self.archiveDigest = archiveDigest
    self.clusterID = clusterID
    self.sources = sources
    self.restoredTopics = restoredTopics
    self.positioned = positioned
    self.slots = slots
    self.forDeletion = forDeletion
  }

  package var throttleBytesPerSecond: Int64? { spec.config.throttleBytesPerSecond }
}

extension WorkItem.Task {
  package var lane: LaneID? {
    switch self {
    case .lane(let lane), .seal(let lane), .keep(let lane): lane
    case .prepare, .verify: nil
    }
  }
}

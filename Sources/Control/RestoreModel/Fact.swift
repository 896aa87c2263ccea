/// What work reports. A fact whose uid, run or claim isn't the one in force is counted and dropped.
package struct Fact: Hashable, Sendable {
  package var key: ResourceKey
  package var uid: UID
  package var run: Int
  package var claim: Claim
  package var content: Content

  package init(key: ResourceKey, uid: UID, run: Int, claim: Claim, content: Content) {
    self.key = key
    self.uid = uid
    self.run = run
    self.claim = claim
    self.content = content
  }

  package enum Content: Hashable, Sendable {
    /// The sink or the storage is out of reach and is tried again; shown as a condition, no failure yet.
    case waiting(RunFault)
    case planned(RunPlan)
    case preflightPassed(PreflightReport)
    case preflightFailed(PreflightReport)
    /// Start positions of the lane exist in the sink; it waits for the event that says so before its first record.
    case positioned(LaneID)
    case topicStarted(TopicName, LaneID)
    /// All selected records of the topic are committed.
    case topicRestored(TopicName, LaneID, Figures)
    /// Absolute figures of the topics of one lane.
    case progress(LaneID, [TopicProgress])
    /// The lane was taken over with the claim in force, its positions are committed, nothing more will be produced under an older claim.
    /// `warning` if that could not be made sure (a sink out of reach at a delete; at-least-once).
    case sealed(LaneID, warning: String?)
    /// The positions of a lane that nothing works on are committed again.
    case kept(LaneID)
    /// They could not be; it is tried again.
    case notKept(LaneID, RunFault)
    /// A higher claim was found in the positions: the lane wrote nothing and stopped. No failure of the run.
    case superseded(LaneID)
    case failed(RunFault)
    case verified(VerificationReceipt)
  }

  /// `waiting`, `positioned`, …: what an event's cause names.
  package var name: String {
    switch content {
    case .waiting: "waiting"
    case .planned: "planned"
    case .preflightPassed: "preflightPassed"
    case .preflightFailed: "preflightFailed"
    case .positioned: "positioned"
    case .topicStarted: "topicStarted"
    case .topicRestored: "topicRestored"
    case .progress: "progress"
    case .sealed: "sealed"
    case .kept: "kept"
    case .notKept: "notKept"
    case .superseded: "superseded"
    case .failed: "failed"
    case .verified: "verified"
    }
  }
}

/// Why a run can't go on: one CamelCase word and a sentence that says what, where and what to do.
package struct RunFault: Error, Hashable, Sendable, CustomStringConvertible {
  package var reason: String
  package var message: String
  package init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }
  package var description: String { message }
}

/// What planning found: frozen in the event `RunPlanned`.
package struct RunPlan: Hashable, Sendable {
  package var lanes: [PlannedLane]
  /// SHA-256 of the archive's index up to `sources`, lower-case hex.
  package var archiveDigest: String
  /// How far the archive of each source topic reached.
  package var sources: [PlannedSource]
  /// `cluster.id` of the sink; nil when its brokers tell none.
  package var clusterID: String?
  /// What is to be done, by target topic.
  package var topics: [TopicProgress]

  package init(
    lanes: [PlannedLane], archiveDigest: String, sources: [PlannedSource] = [], clusterID: String? = nil,
    topics: [TopicProgress]
  ) {
    self.lanes = lanes
    self.archiveDigest = archiveDigest
    self.sources = sources
    self.clusterID = clusterID
    self.topics = topics
  }
}

package struct PreflightReport: Hashable, Sendable {
  /// Every failed check of every topic: names the topic, the setting in Kafka's name and the value found.
  package var failures: [String]
  package var warnings: [String]
  /// Checks were disabled for every topic.
  package var disabled: Bool

  package init(failures: [String] = [], warnings: [String] = [], disabled: Bool = false) {
    self.failures = failures
    self.warnings = warnings
    self.disabled = disabled
  }
}

/// The result of reading the target back: goes into the event and, in short, onto the condition `Verified`.
package struct VerificationReceipt: Hashable, Sendable {
  package enum Verdict: String, CaseIterable, Sendable {
    case digestsMatch = "DigestsMatch"
    case countsMatch = "CountsMatch"
    case mismatch = "Mismatch"
    case notFenced = "NotFenced"
    case foreignRecords = "ForeignRecords"
    case recordsExpired = "RecordsExpired"
    case targetCompacted = "TargetCompacted"

    package var status: Condition.Status {
      switch self {
      case .digestsMatch, .countsMatch: .true
      case .mismatch: .false
      case .notFenced, .foreignRecords, .recordsExpired, .targetCompacted: .unknown
      }
    }
  }
  package var verdict: Verdict
  package var message: String
  package var partitions: [Partition]

  package init(verdict: Verdict, message: String, partitions: [Partition]) {
    self.verdict = verdict
    self.message = message
    self.partitions = partitions
  }

  /// Partitions of one event at most: with the longest names and numbers they stay well below the 4 MiB of a record.
  package static let partitionsOfAnEvent = 5000

  package struct Partition: Hashable, Sendable {
    package var topic: TopicName
    package var partition: Int32
    /// As the positions say.
    package var expected: Side
    /// As read back from the target.
    package var found: Side
    /// Target offsets, both inclusive; −1 when the partition got no record.
    package var firstOffset: Int64
    package var lastOffset: Int64

    package init(
      topic: TopicName, partition: Int32, expected: Side, found: Side, firstOffset: Int64, lastOffset: Int64
    ) {
      self.topic = topic
      self.partition = partition
      self.expected = expected
      self.found = found
      self.firstOffset = firstOffset
      self.lastOffset = lastOffset
    }
  }

  package struct Side: Hashable, Sendable {
    package var records: Int64
    /// 32 lower-case hex digits each; empty when only counts were compared.
    package var timestamps: String
    package var rest: String
    package init(records: Int64, timestamps: String, rest: String) {
      self.records = records
      self.timestamps = timestamps
      self.rest = rest
    }
  }
}

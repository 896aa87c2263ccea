/// What was decided: past tense, once, in order.
package struct Event: Hashable, Sendable {
  /// Nil: the key `invalid`, or the installation's own events.
  package var key: ResourceKey?
  package var uid: UID?
  package var run: Int?
  package var generation: Int64?
  /// Counts the installation's events from 1, without gaps.
  package var sequence: Int64
  /// The owner's.
  package var epoch: Int64
  package var time: Instant
  package var cause: Cause
  /// The highest offset of `commands` decided so far, this decision included; −1 before the first.
  package var commandsThrough: Int64
  /// Exactly one event of a command's decision is.
  package var outcome: Bool
  package var content: Content

  package init(
    key: ResourceKey?, uid: UID?, run: Int?, generation: Int64?, sequence: Int64, epoch: Int64, time: Instant,
    cause: Cause,
    commandsThrough: Int64, outcome: Bool, content: Content
  ) {
    self.key = key
    self.uid = uid
    self.run = run
    self.generation = generation
    self.sequence = sequence
    self.epoch = epoch
    self.time = time
    self.cause = cause
    self.commandsThrough = commandsThrough
    self.outcome = outcome
    self.content = content
  }

  package enum Cause: Hashable, Sendable {
    case command(offset: Int64, id: String?)
    case fact(String)
    /// `takeOver`, or a timer's name: an input of the owner itself.
    case owner(String)
  }

  package enum Content: Hashable, Sendable {
    case restoreCreated(ResourceDocument, uid: UID)
    case topicMapped(TopicMapping)
    case topicUnmapped(target: TopicName)
    /// The whole document after the change. `held`: it is the edit of a run that is over, so nothing starts by itself.
    case specChanged(ResourceDocument, held: Bool)
    case restoreEnabled
    case restoreDisabled
    case runStarted(run: Int, claim: Claim)
    case runPlanned(RunPlan)
    case preflightPassed(PreflightReport)
    case preflightFailed(PreflightReport)
    case lanePositioned(LaneID)
    case topicStarted(TopicName, LaneID)
    case topicRestored(TopicName, LaneID, Figures)
    case laneSealed(LaneID, warning: String?)
    case runPaused
    case runResumed(claim: Claim)
    case runRetried(claim: Claim)
    case runTakenOver(claim: Claim)
    case runFailed(RunFault)
    case runCompleted
    /// The beginning of a receipt that one event can't hold; the verdict's event has the rest.
    case partitionsCompared([VerificationReceipt.Partition])
    case runVerified(VerificationReceipt)
    case verificationFailed(VerificationReceipt)
    case verificationInconclusive(VerificationReceipt)
    /// Sealing for a new run begins.
    case restartAccepted(claim: Claim)
    /// Sealing for the deletion begins.
    case deleteAccepted(claim: Claim)
    case restoreDeleted
    case conditionChanged(Condition)
    case resourceApplied(ResourceDocument, uid: UID)
    case resourceDeleted
    case commandUnchanged(message: String)
    case commandRejected(Rejection)
    case ownerChanged(instance: String)

    package var type: String {
      switch self {
      case .restoreCreated: "RestoreCreated"
      case .topicMapped: "TopicMapped"
      case .topicUnmapped: "TopicUnmapped"
      case .specChanged: "SpecChanged"
      case .restoreEnabled: "RestoreEnabled"
      case .restoreDisabled: "RestoreDisabled"
      case .runStarted: "RunStarted"
      case .runPlanned: "RunPlanned"
      case .preflightPassed: "PreflightPassed"
      case .preflightFailed: "PreflightFailed"
      case .lanePositioned: "LanePositioned"
      case .topicStarted: "TopicStarted"
      case .topicRestored: "TopicRestored"
      case .laneSealed: "LaneSealed"
      case .runPaused: "RunPaused"
      case .runResumed: "RunResumed"
      case .runRetried: "RunRetried"
      case .runTakenOver: "RunTakenOver"
      case .runFailed: "RunFailed"
      case .runCompleted: "RunCompleted"
      case .partitionsCompared: "PartitionsCompared"
      case .runVerified: "RunVerified"
      case .verificationFailed: "VerificationFailed"
      case .verificationInconclusive: "VerificationInconclusive"
      case .restartAccepted: "RestartAccepted"
      case .deleteAccepted: "DeleteAccepted"
      case .restoreDeleted: "RestoreDeleted"
      case .conditionChanged: "ConditionChanged"
      case .resourceApplied: "ResourceApplied"
      case .resourceDeleted: "ResourceDeleted"
      case .commandUnchanged: "CommandUnchanged"
      case .commandRejected: "CommandRejected"
      case .ownerChanged: "OwnerChanged"
      }
    }
  }
}

import RestoreModel

/// What ownership and lanes rest on, as far as it lies in what the simulation stands in for. Each can be left out, to show that a history exists which
/// then goes wrong, and that the checks see it.
enum Rule: CaseIterable, Sendable {
  // Of the control log.
  /// `initTransactions` fences whoever was owner before.
  case ownersAreFenced
  /// The position in `commands` is committed in the transaction with the decisions.
  case positionInTransaction
  /// A fold goes to the true end of its topic, not to the last stable offset.
  case trueEnd
  /// The committed position is fetched after `initTransactions`, not before.
  case fenceThenFetch
  /// A position in doubt is waited for.
  case stablePosition
  /// After a commit without an answer an owner begins anew, and doesn't take it as committed.
  case ownerDoubts
  /// Only who has just proved to be the owner may say that the topics are wrong.
  case proof

  // Of lanes.
  /// A worker stops when the positions carry a higher claim than its own.
  case claims
  /// A seal takes the lane over before a pause is recorded; it isn't just said.
  case sealBeforePause
  case sealBeforeRestart
  case sealBeforeDeletion
  /// No record before the control topics know that there are positions.
  case handshake
  /// Facts are of the claim that their worker was started with.
  case factsCarryClaims
  case laneFenceThenFetch
  case laneStablePositions
  case lanePositionsInTransaction
  /// After a commit without an answer a worker begins anew, and doesn't take it as committed.
  case laneDoubts
  /// Positions of a lane at rest are committed again, before the sink forgets them.
  case restingPositionsAreKept
  /// And by a take-over of the lane, not by a plain commit.
  case keptByTakeOver
}

extension Stopping {
  /// What keeps it from being recorded too early.
  var rule: Rule {
    switch self {
    case .pausing: .sealBeforePause
    case .restarting: .sealBeforeRestart
    case .deleting: .sealBeforeDeletion
    }
  }
}

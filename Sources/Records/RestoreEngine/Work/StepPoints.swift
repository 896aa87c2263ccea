/// Named places between two steps of a worker, where tests let it die. Production has none.
package struct StepPoints: Sendable {
  package enum Step: String, Sendable, CaseIterable {
    case tookOver
    case fetchedPositions
    /// Start positions are in an open transaction.
    case sentStartPositions
    case committedStartPositions
    case sentClaim
    case committedClaim
    case beganTransaction
    case sentRecords
    case drained
    case sentPositions
    case committed
    /// Of one topic, by the verification.
    case readBack
  }

  package enum Decision: Sendable {
    case goOn
    /// Nothing more is done: no abort, no commit, as if the process were killed here.
    case abandon
  }

  private let decide: (@Sendable (Step) -> Decision)?

  package static let none = StepPoints(decide: nil)

  package init(decide: (@Sendable (Step) -> Decision)?) { self.decide = decide }

  func reached(_ step: Step) throws(WorkInterruption) {
    if let decide, decide(step) == .abandon { throw .abandoned }
  }
}

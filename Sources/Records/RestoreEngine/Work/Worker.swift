import Logging
package import RestoreModel

/// How a worker ended. What there was to say it has reported.
package enum WorkOutcome: Sendable, Hashable {
  case finished
  case stopped
  case superseded
  case failed(RunFault)
  case abandoned
}

/// One piece of work, on the thread that calls `run`, which it blocks until the work has ended.
package enum Worker {
  package static func run(_ assignment: Assignment) -> WorkOutcome {
    do {
      switch assignment.item.id.task {
      case .prepare: try Preparation(assignment).run()
      case .lane(let lane): try LaneWork(assignment, lane).restore()
      case .seal(let lane): try LaneWork(assignment, lane).seal()
      case .keep(let lane):
        try LaneSeal(assignment, try assignment.lane(lane), keeps: true).run()
        assignment.report(.kept(lane))
      case .verify: try Verification(assignment).run()
      }
      return .finished
    } catch {
      return end(assignment, error)
    }
  }

  private static func end(_ assignment: Assignment, _ interruption: WorkInterruption) -> WorkOutcome {
    switch interruption {
    case .stopped: return .stopped
    case .superseded:
      assignment.logger.warning("superseded: another process works on this run")
      if let lane = assignment.item.id.task.lane { assignment.report(.superseded(lane)) }
      return .superseded
    case .fatal(let fault), .transient(let fault), .codecRefused(let fault):
      if case .keep(let lane) = assignment.item.id.task {
        assignment.logger.warning(
          "the positions are not committed again", ["reason": fault.reason, "error": fault.message])
        assignment.report(.notKept(lane, fault))
      } else {
        assignment.logger.error("work failed", ["reason": fault.reason, "error": fault.message])
        assignment.report(.failed(fault))
      }
      return .failed(fault)
    case .abandoned: return .abandoned
    }
  }
}

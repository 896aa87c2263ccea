import Logging
import RestoreEngine
import RestoreModel
import Threads

/// The thread of one work item.
final class LocalWorker: Sendable {
  let item: WorkItem
  let control: WorkControl
  private let assignment: Assignment

  private static let shortestRest = Duration.seconds(1)
  private static let longestRest = Duration.seconds(60)

  init(
    _ item: WorkItem, _ throttle: Throttle, _ known: RunKnowledge, _ policy: EnginePolicy, _ logger: Logger,
    _ steps: StepPoints, _ sinks: SinkFactory, _ report: @escaping @Sendable (Fact.Content) -> Void
  ) {
    self.item = item
    control = WorkControl(item)
    assignment = Assignment(
      item: item, policy: policy, control: control, throttle: throttle, known: known,
      logger: logger.with([
        "restore": "\(item.id.key.namespace)/\(item.id.key.name)", "run": item.id.run, "claim": item.id.claim,
        "task": item.id.task.label,
      ]), steps: steps, sinks: sinks, report: report)
  }

  func start(_ ended: @escaping @Sendable (WorkOutcome) -> Void) {
    do {
      try NamedThread.start("\(item.id.task.label)-\(item.id.key.name)") { [self] in ended(run()) }
    } catch {
      let fault = RunFault(reason: "InternalError", message: "the work could not be started: \(error)")
      // The caller holds its lock.
      Task { [self] in
        assignment.report(.failed(fault))
        ended(.failed(fault))
      }
    }
  }

  private func run() -> WorkOutcome {
    var assignment = assignment
    var rest = Self.shortestRest
    while true {
      let outcome = Worker.run(assignment)
      switch outcome {
      case .finished, .stopped, .abandoned: return outcome
      case .superseded where item.id.task.isKeeping, .failed where item.id.task.isKeeping: return outcome
      case .superseded, .failed:
        // Still wanted, unless a stop says otherwise meanwhile.
        do { try control.pause(rest) } catch { return outcome }
        rest = min(rest * 2, Self.longestRest)
        assignment.isCautious = true
      }
    }
  }
}

extension WorkItem.Task {
  var label: String {
    switch self {
    case .prepare: "prepare"
    case .lane(let lane): "lane-\(lane)"
    case .seal(let lane): "seal-\(lane)"
    case .keep(let lane): "keep-\(lane)"
    case .verify: "verify"
    }
  }
}

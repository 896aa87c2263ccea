package import Logging
package import RestoreModel

/// What a worker is given.
package struct Assignment: Sendable {
  package let item: WorkItem
  package let policy: EnginePolicy
  package let control: WorkControl
  /// One for all lanes of the Restore.
  package let throttle: Throttle
  /// One for all work on the run.
  package let known: RunKnowledge
  package let logger: Logger
  package let steps: StepPoints
  package let sinks: SinkFactory
  /// The worker was superseded before: it looks for a newer claim before it fences anybody.
  package var isCautious = false
  /// Takes facts in order; never blocks for long.
  package let report: @Sendable (Fact.Content) -> Void

  package init(
    item: WorkItem, policy: EnginePolicy, control: WorkControl, throttle: Throttle,
    known: RunKnowledge = RunKnowledge(), logger: Logger, steps: StepPoints = .none,
    sinks: SinkFactory = .kafka, report: @escaping @Sendable (Fact.Content) -> Void
  ) {
    self.item = item
    self.policy = policy
    self.control = control
    self.throttle = throttle
    self.known = known
    self.logger = logger
    self.steps = steps
    self.sinks = sinks
    self.report = report
  }

  var names: RunNames { RunNames(prefix: policy.prefix, uid: item.id.uid, run: item.id.run) }
  var claim: Claim { item.id.claim }
  var config: RestoreConfig { item.spec.config }
  var isExactlyOnce: Bool { config.delivery == .exactlyOnce }

  func lane(_ id: LaneID) throws(WorkInterruption) -> PlannedLane {
    guard let lane = item.lanes.first(where: { $0.id == id }) else {
      throw .fatal(RunFault(reason: "InternalError", message: "the run's plan has no lane \(id)"))
    }
    return lane
  }
}

import ColdStorage
import Glibc
import RestoreModel

/// Plans a run, unless it is planned already, and does the preflight of all its topics.
struct Preparation {
  private let assignment: Assignment

  init(_ assignment: Assignment) { self.assignment = assignment }

  func run() throws(WorkInterruption) {
    var patience = Patience(assignment, limit: assignment.policy.patience)
    try patience.retry { () throws(WorkInterruption) in try attempt() }
  }

  private func attempt() throws(WorkInterruption) {
    try assignment.control.check()
    let selection: RestoreSelection
    do {
      selection = try RestoreSelection(
        try RestoreSource.open(assignment.item.source, policy: assignment.policy), assignment.config,
        planned: assignment.item.sources, opened: assignment.known.archives)
      if !assignment.item.lanes.isEmpty { try selection.check(digest: assignment.item.archiveDigest) }
    } catch {
      throw WorkInterruption(error, doing: "opening the archive")
    }
    var cluster = try TargetCluster(assignment)
    var refusals: [String] = []
    if assignment.config.createTargets == .missing { refusals = try cluster.create(missing: selection.topics) }
    var report = try Preflight(assignment).run(selection, &cluster)
    report.failures += refusals
    // A plan needs every topic; without one the preflight has failed, and says why.
    if assignment.item.lanes.isEmpty {
      let plan = try RunPlanner(config: assignment.config).plan(selection, &cluster)
      if let plan { assignment.report(.planned(plan)) }
    }
    try assignment.control.check()
    assignment.report(report.failures.isEmpty ? .preflightPassed(report) : .preflightFailed(report))
  }
}

/// Milliseconds since 1970.
func wallClock() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}

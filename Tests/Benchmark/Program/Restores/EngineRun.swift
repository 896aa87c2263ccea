import ColdStorage
import Logging
import RestoreEngine
import RestoreModel
import Threads

/// A Restore by the engine alone, from an archive to topics: the workers that `thaw serve` has, without the control plane.
struct EngineRun {
  let archive: BenchArchive
  let servers: String
  /// Each gets all of the archive's records, in a lane of its own.
  let targets: [String]
  var offsetHeader: String?
  var recordPath = RecordPath.auto
  var transactions = TransactionBounds()
  var mergesBelow: Int64?
  var steps = StepPoints.none
  private let known = RunKnowledge()

  /// Planned, its preflight passed, and nothing sent: as far as a run is before it is measured.
  final class Prepared: Sendable {
    let run: EngineRun
    let plan: RunPlan
    private let restored = Locked(RestoreModel.Figures())

    fileprivate init(_ run: EngineRun, _ plan: RunPlan) { (self.run, self.plan) = (run, plan) }

    /// From the take-over of every lane to its last commit; what was restored.
    func restore() throws -> RestoreModel.Figures {
      let throttle = Throttle(bytesPerSecond: nil)
      let outcomes = try Together.run(plan.lanes.count, "lane") { [self] number in work(plan.lanes[number], throttle) }
      for outcome in outcomes {
        switch try outcome.get() {
        case .finished, .abandoned: break
        case let other: throw Wrong("the restore ended with \(other)")
        }
      }
      return restored.withLock { $0 }
    }

    private func work(_ lane: PlannedLane, _ throttle: Throttle) -> WorkOutcome {
      let item = run.item(.lane(lane.id), plan)
      let control = WorkControl(item)
      return Worker.run(
        run.assignment(item, control, throttle) { [restored] content in
          switch content {
          case .positioned:
            var known = item
            known.positioned = true
            control.update(known)
          case .topicRestored(_, _, let figures): restored.withLock { $0.add(figures) }
          default: break
          }
        })
    }
  }

  func prepare() throws -> Prepared {
    let item = item(.prepare, nil)
    let found = Locked((plan: RunPlan?.none, complaints: [String]()))
    let outcome = Worker.run(
      assignment(item, WorkControl(item), Throttle(bytesPerSecond: nil)) { content in
        found.withLock { found in
          switch content {
          case .planned(let plan): found.plan = plan
          case .preflightFailed(let report): found.complaints = report.failures
          case .failed(let fault): found.complaints = [fault.message]
          default: break
          }
        }
      })
    let (plan, complaints) = found.withLock { $0 }
    guard outcome == .finished, complaints.isEmpty, let plan else {
      throw Wrong("the run can't be planned: \(outcome), \(complaints)")
    }
    guard plan.lanes.count == targets.count else { throw Wrong("the plan has \(plan.lanes.count) lanes") }
    return Prepared(self, plan)
  }

  private func assignment(
    _ item: WorkItem, _ control: WorkControl, _ throttle: Throttle,
    _ report: @escaping @Sendable (Fact.Content) -> Void
  ) -> Assignment {
    var policy = EnginePolicy(volumeRoots: [archive.path], prefix: "bench.", transactions: transactions)
    policy.mergesBelow = mergesBelow
    let logger = Logger("bench", to: DescriptorLogSink(level: .error))
    return Assignment(
      item: item, policy: policy, control: control, throttle: throttle, known: known, logger: logger,
      steps: steps, report: report)
  }

  private func item(_ task: WorkItem.Task, _ plan: RunPlan?) -> WorkItem {
    var spec = RestoreSpec(source: "archive", sink: "hub")
    spec.config.topics = targets.map {
      TopicMapping(source: TopicName(BenchArchive.topic), target: TopicName($0))
    }
    spec.config.parallelism = targets.count
    spec.config.maxProducers = targets.count
    spec.config.legacyOffsetHeader = offsetHeader
    spec.config.recordPath = recordPath
    let uid = UID(targets[0])
    return WorkItem(
      id: WorkItem.ID(
        key: ResourceKey(.restore, name: targets[0]), uid: uid, run: 1, claim: Claim(1), task: task),
      spec: spec, source: .volume(path: archive.path),
      sink: EventHubSpec(properties: [
        "bootstrap.servers": servers, "compression.type": archive.kind.codec.description,
      ]), sourceCredentials: nil, sinkCredentials: nil, lanes: plan?.lanes ?? [], archiveDigest: plan?.archiveDigest,
      sources: plan?.sources ?? [], clusterID: plan?.clusterID, positioned: false, slots: targets.count)
  }
}

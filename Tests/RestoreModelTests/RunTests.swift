import ControlTopics
import RestoreModel
import Testing

@Suite("A run, from enabling to the receipt")
struct RunTests {
  @Test("An enabled Restore with topics starts its run with its creation")
  func creationStarts() {
    var scenario = Scenario()
    let events = scenario.send(.create(Scenario.document()))
    #expect(events.types == ["RestoreCreated", "RunStarted"])
    #expect(events.outcome?.content.type == "RestoreCreated")
    #expect(scenario.phase == .initializing)
    #expect(scenario.status?.run == 1)
    #expect(scenario.status?.controller.claim == Claim(1))
    #expect(scenario.status?.startTime == scenario.now)
    #expect(scenario.condition(.jobCompleted)?.reason == "JobInitializing")
    #expect(scenario.condition(.valid)?.status == .true)
  }

  @Test("The whole way: plan, preflight, lanes, topics, done, verified")
  func wholeWay() {
    var scenario = Scenario.at(.initializing)
    #expect(scenario.report(.planned(Scenario.plan())).types == ["RunPlanned"])
    #expect(scenario.status?.controller.lanes == Scenario.twoLanes)
    #expect(scenario.status?.progress?.total.recordsTotal == 300)
    #expect(scenario.report(.preflightPassed(PreflightReport(warnings: ["w"]))).types == ["PreflightPassed"])
    #expect(scenario.phase == .restoring)
    #expect(scenario.condition(.jobCompleted)?.reason == "JobRunning")
    #expect(scenario.condition(.preflightPassed)?.reason == "ChecksPassed")
    #expect(scenario.status?.warnings == ["w"])
    for lane in Scenario.twoLanes { #expect(scenario.report(.positioned(lane.id)).types == ["LanePositioned"]) }
    let types = scenario.finish().types
    #expect(
      types == [
        "TopicStarted", "TopicRestored", "TopicStarted", "TopicRestored", "TopicStarted", "TopicRestored",
        "RunCompleted",
      ])
    #expect(scenario.phase == .done)
    #expect(scenario.status?.completionTime == scenario.now)
    #expect(scenario.condition(.jobCompleted)?.status == .true)
    #expect(scenario.condition(.verified)?.reason == "Pending")
    #expect(scenario.report(.verified(Scenario.receipt(.digestsMatch))).types == ["RunVerified"])
    #expect(scenario.condition(.verified)?.status == .true)
    #expect(scenario.condition(.verified)?.reason == "DigestsMatch")
  }

  @Test("A receipt of more partitions than one event holds comes in parts, in one decision, the verdict last")
  func largeReceipt() {
    var scenario = Scenario.at(.unverified)
    var receipt = Scenario.receipt(.digestsMatch)
    let side = VerificationReceipt.Side(
      records: .max, timestamps: String(repeating: "f", count: 32), rest: String(repeating: "f", count: 32))
    receipt.partitions = (0..<12_001).map {
      VerificationReceipt.Partition(
        topic: TopicName(String(repeating: "t", count: 249)), partition: .max - $0, expected: side, found: side,
        firstOffset: .max, lastOffset: .max)
    }
    let events = scenario.report(.verified(receipt))
    #expect(events.types == ["PartitionsCompared", "PartitionsCompared", "RunVerified"])
    #expect(scenario.condition(.verified)?.reason == "DigestsMatch")
    var found: [VerificationReceipt.Partition] = []
    for event in events {
      switch event.content {
      case .partitionsCompared(let partitions): found += partitions
      case .runVerified(let receipt): found += receipt.partitions
      default: Issue.record("\(event)")
      }
      let bytes = RecordEncoder(installation: "i", epoch: 1).event(event, stateHash: nil).value?.count ?? 0
      // The control topics' max.message.bytes, less what a batch adds.
      #expect(bytes < 4_194_304 - 10_000)
    }
    #expect(found == receipt.partitions)
  }

  @Test("Each verdict has its event and its status")
  func verdicts() {
    for verdict in VerificationReceipt.Verdict.allCases {
      var scenario = Scenario.at(.unverified)
      let events = scenario.report(.verified(Scenario.receipt(verdict)))
      let expected: (String, Condition.Status) =
        switch verdict {
        case .digestsMatch, .countsMatch: ("RunVerified", Condition.Status.true)
        case .mismatch: ("VerificationFailed", .false)
        case .notFenced, .foreignRecords, .recordsExpired, .targetCompacted: ("VerificationInconclusive", .unknown)
        }
      #expect(events.types == [expected.0])
      #expect(scenario.condition(.verified)?.status == expected.1)
      #expect(scenario.condition(.verified)?.reason == verdict.rawValue)
    }
  }

  @Test("Without verification the condition says that none was asked for, and there is no work for it")
  func noVerification() {
    var scenario = Scenario()
    scenario.send(.create(Scenario.document { $0.config.verify = .none }))
    scenario.report(.planned(Scenario.plan()))
    scenario.report(.preflightPassed(PreflightReport()))
    for lane in Scenario.twoLanes { scenario.report(.positioned(lane.id)) }
    scenario.finish()
    #expect(scenario.phase == .done)
    #expect(scenario.condition(.verified)?.reason == "NotRequested")
    #expect(scenario.state.desiredWork(for: Scenario.orders).isEmpty)
  }

  @Test("A failed preflight fails the run in the same decision, and names every check")
  func preflightFails() {
    var scenario = Scenario.at(.planned)
    let report = PreflightReport(failures: ["a: does not exist", "b: 2 partitions, not 3"])
    #expect(scenario.report(.preflightFailed(report)).types == ["PreflightFailed", "RunFailed"])
    #expect(scenario.phase == .failed)
    #expect(scenario.condition(.preflightPassed)?.status == .false)
    #expect(scenario.condition(.preflightPassed)?.message == "a: does not exist; b: 2 partitions, not 3")
    #expect(scenario.condition(.failed)?.reason == "PreflightFailed")
    #expect(scenario.condition(.jobCompleted)?.reason == "JobFailed")
  }

  @Test("A preflight that fails when a topic's turn comes fails the run, and a retry does all of it again")
  func preflightFailsLate() {
    var scenario = Scenario.at(.allPositioned)
    let report = PreflightReport(failures: ["b: does not exist"])
    #expect(scenario.report(.preflightFailed(report)).types == ["PreflightFailed", "RunFailed"])
    scenario.send(.retry)
    #expect(scenario.phase == .initializing)
    #expect(scenario.state.desiredWork(for: Scenario.orders).map(\.id.task) == [.prepare])
    scenario.report(.preflightPassed(PreflightReport()))
    #expect(scenario.phase == .restoring)
    #expect(scenario.condition(.preflightPassed)?.status == .true)
  }

  @Test(
    "A retried preflight is done again; a retried restoring run goes on restoring, under a new claim and with its lanes"
  )
  func retry() {
    var preflight = Scenario.at(.failedPreflight)
    #expect(preflight.send(.retry).types == ["RunRetried"])
    #expect(preflight.phase == .initializing)
    #expect(preflight.status?.controller.lanes == Scenario.twoLanes)

    var restoring = Scenario.at(.failed)
    #expect(restoring.send(.retry).types == ["RunRetried"])
    #expect(restoring.phase == .restoring)
    #expect(restoring.status?.run == 1)
    #expect(restoring.status?.controller.claim == Claim(2))
    #expect(restoring.status?.controller.positioned == [LaneID(0), LaneID(1)])
    #expect(restoring.status?.controller.positionedClaim(of: LaneID(1)) == Claim(1), "under which it was recorded")
    #expect(restoring.condition(.failed) == nil)
  }

  @Test("Only what has failed and is enabled can be retried")
  func retryApplies() {
    for stage in Stage.allCases {
      var scenario = Scenario.at(stage)
      let rejection = scenario.send(.retry).rejection
      let expected: Rejection.Reason? =
        switch stage {
        case .failed, .failedPreflight: nil
        case .missing, .deleted: .notFound
        case .deleting: .terminating
        default: .notApplicable
        }
      #expect(rejection?.reason == expected, "\(stage)")
    }
  }

  @Test("A plan that leaves out a topic, or holds one twice, fails the run")
  func inconsistentPlan() {
    for lanes in [
      [Scenario.twoLanes[0]], Scenario.twoLanes + [PlannedLane(id: LaneID(2), topics: ["a"], maxMessageBytes: 1)],
      [
        PlannedLane(id: LaneID(0), topics: ["a", "b", "c"], maxMessageBytes: 1),
        PlannedLane(id: LaneID(1), topics: [], maxMessageBytes: 1),
      ],
      [],
    ] {
      var scenario = Scenario.at(.initializing)
      #expect(scenario.report(.planned(Scenario.plan(lanes))).types == ["RunFailed"])
      #expect(scenario.condition(.failed)?.reason == "PlanInconsistent")
    }
  }

  @Test("A topic counts as restored only in its own lane, once that lane's start positions are recorded")
  func restoredNeedsPositions() {
    var scenario = Scenario.at(.restoring)
    #expect(scenario.report(.topicRestored("a", LaneID(0), Figures())).isEmpty)
    scenario.report(.positioned(LaneID(0)))
    #expect(scenario.report(.topicRestored("a", LaneID(1), Figures())).isEmpty)
    #expect(scenario.report(.topicRestored("z", LaneID(0), Figures())).isEmpty)
    #expect(scenario.report(.positioned(LaneID(7))).isEmpty)
    #expect(scenario.report(.topicRestored("a", LaneID(0), Figures())).types == ["TopicRestored"])
  }

  @Test("That positions exist is recorded also when another lane has failed the run meanwhile")
  func positionsAfterFailure() {
    var scenario = Scenario.at(.restoring)
    scenario.report(.failed(Scenario.fault))
    #expect(scenario.report(.positioned(LaneID(1))).types == ["LanePositioned"])
  }

  @Test("A superseded lane is no failure")
  func superseded() {
    var scenario = Scenario.at(.allPositioned)
    #expect(scenario.report(.superseded(LaneID(0))).isEmpty)
    #expect(scenario.phase == .restoring)
  }

  @Test("The warnings of a run end with it; those of the document stay with the document")
  func warnings() {
    var scenario = Scenario()
    var document = Scenario.document {
      $0.config.restoreFromDateTime = Instant(milliseconds: 0)
      $0.config.filterFromDateTime = Instant(milliseconds: 1)
    }
    document.warnings = ["config.mapping is deprecated"]
    scenario.send(.create(document))
    #expect(scenario.status?.warnings.count == 2)
    let own = scenario.restore?.restoreSpec?.warnings ?? []
    #expect(own.count == 1)
    scenario.report(.planned(Scenario.plan()))
    scenario.report(.preflightPassed(PreflightReport(warnings: ["a: target not empty"])))
    #expect(scenario.status?.warnings.contains("a: target not empty") == true)
    scenario.send(.restart)
    scenario.seal()
    #expect(scenario.status?.run == 2)
    #expect(scenario.status?.warnings == own)
  }

  @Test("What the seal before a restart could not make sure is shown with the new run, and with those after it")
  func unsealedRestart() {
    var scenario = Scenario.at(.allPositioned)
    scenario.send(.restart)
    scenario.report(.sealed(LaneID(0), warning: "NotFenced: an old process may still write"))
    scenario.report(.sealed(LaneID(1), warning: nil))
    let warning = "after run 1, lane 0: NotFenced: an old process may still write"
    #expect(scenario.status?.run == 2)
    #expect(scenario.status?.warnings == [warning])
    scenario.report(.planned(Scenario.plan()))
    scenario.report(.preflightPassed(PreflightReport(warnings: ["a: target not empty"])))
    scenario.send(.restart)
    scenario.report(.sealed(LaneID(0), warning: nil))
    scenario.report(.sealed(LaneID(1), warning: "NotFenced"))
    #expect(scenario.status?.run == 3)
    #expect(scenario.status?.warnings == [warning, "after run 2, lane 1: NotFenced"])
  }

  @Test("Time never goes back, whatever the clock of an input says")
  func monotonicTime() {
    var scenario = Scenario.at(.initializing)
    scenario.report(.planned(Scenario.plan()))
    let before = scenario.state.time
    let early = Fact(
      key: Scenario.orders, uid: scenario.status?.uid ?? UID(""), run: 1, claim: Claim(1),
      content: .failed(Scenario.fault))
    let drafts = scenario.state.decide(early, at: Instant(milliseconds: 5))
    scenario.take(drafts, cause: .fact("failed"))
    #expect(scenario.state.time >= before)
    #expect(scenario.condition(.failed)?.lastTransitionTime ?? before >= before)
    var idle = Scenario.at(.ready)
    idle.send(.delete, Scenario.hub)
    let latest = idle.state.time
    var input = CommandInput(
      offset: 99, time: Instant(milliseconds: 5), key: Scenario.hub, newUID: UID("hub"),
      command: .success(.apply(Scenario.hubDocument())))
    input.id = "late"
    for case .conditionChanged(let condition) in idle.state.decide(input).map(\.content) {
      #expect(condition.lastTransitionTime == latest)
    }
    #expect(idle.state.decide(input).count == 2)
  }

  @Test("A second run begins with nothing of the first but its ids and the next claim")
  func secondRun() {
    var scenario = Scenario.at(.done)
    scenario.send(.restart, id: "again")
    let status = scenario.status
    #expect(status?.run == 2)
    #expect(status?.controller.claim == Claim(2))
    #expect(status?.controller.lanes == [])
    #expect(status?.controller.restoredTopics == [])
    #expect(status?.controller.archiveDigest == nil)
    #expect(status?.controller.clusterID == nil)
    #expect(status?.completionTime == nil)
    #expect(status?.controller.runGeneration == 1)
    #expect(scenario.condition(.verified) == nil)
    #expect(scenario.condition(.preflightPassed) == nil)
    #expect(scenario.condition(.jobCompleted)?.status == .false)
    #expect(status?.controller.commandIDs == ["again"])
  }
}

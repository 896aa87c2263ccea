import RestoreModel
import Testing

@Suite("Waiting for what is out of reach")
struct WaitingTests {
  @Test("A wait shows once, with the same reason, and ends when something is achieved")
  func waitAndGoOn() {
    var scenario = Scenario.at(.planned)
    let since = scenario.condition(.jobCompleted)?.lastTransitionTime
    #expect(scenario.report(.waiting(Scenario.fault)).types == ["ConditionChanged"])
    #expect(scenario.condition(.jobCompleted)?.message == "Waiting: localhost:9092: no broker answered")
    #expect(scenario.condition(.jobCompleted)?.reason == "JobInitializing")
    #expect(scenario.condition(.jobCompleted)?.lastTransitionTime == since)
    #expect(scenario.report(.waiting(Scenario.fault)).isEmpty)
    scenario.report(.preflightPassed(PreflightReport()))
    #expect(scenario.condition(.jobCompleted)?.isWaiting == false)
  }

  @Test("Figures that move end a wait; the same ones again don't")
  func figuresMove() {
    var scenario = Scenario.at(.allPositioned)
    var figures = Figures()
    figures.recordsRestored = 5
    let progress = Fact.Content.progress(
      LaneID(0), [TopicProgress(target: "a", state: .restoring, figures: figures)])
    #expect(scenario.report(progress).isEmpty)
    scenario.report(.waiting(Scenario.fault))
    #expect(scenario.report(progress).isEmpty)
    figures.recordsRestored = 6
    let moved = Fact.Content.progress(LaneID(0), [TopicProgress(target: "a", state: .restoring, figures: figures)])
    #expect(scenario.report(moved).types == ["ConditionChanged"])
    #expect(scenario.condition(.jobCompleted)?.isWaiting == false)
  }

  @Test("A verification that waits or can't be done stays pending, and says why")
  func verification() {
    var scenario = Scenario.at(.unverified)
    #expect(scenario.report(.waiting(Scenario.fault)).types == ["ConditionChanged"])
    #expect(scenario.condition(.verified)?.isWaiting == true)
    #expect(scenario.report(.failed(Scenario.fault)).isEmpty)
    #expect(scenario.phase == .done)
    #expect(scenario.report(.verified(Scenario.receipt(.countsMatch))).types == ["RunVerified"])
  }

  @Test("Where nothing works nothing waits")
  func idle() {
    for stage in [Stage.ready, .draft, .paused, .failed, .done] {
      var scenario = Scenario.at(stage)
      #expect(scenario.report(.waiting(Scenario.fault)).isEmpty, "\(stage)")
    }
  }

  @Test("Positions that can't be kept show where the run shows what it waits for, until they are kept")
  func keeping() {
    for (stage, kind) in [
      (.paused, .jobCompleted), (.failed, .jobCompleted), (.allPositioned, .jobCompleted), (.unverified, .verified),
    ] as [(Stage, Condition.Kind)] {
      var scenario = Scenario.at(stage)
      let before = scenario.condition(kind)
      #expect(scenario.report(.kept(LaneID(1))).isEmpty, "\(stage)")
      #expect(scenario.report(.notKept(LaneID(1), Scenario.fault)).types == ["ConditionChanged"], "\(stage)")
      let message = scenario.condition(kind)?.message ?? ""
      #expect(message.contains("positions of lane 1") && message.hasSuffix(Scenario.fault.message), "\(message)")
      #expect(scenario.condition(kind)?.status == before?.status && scenario.condition(kind)?.reason == before?.reason)
      #expect(scenario.report(.notKept(LaneID(1), Scenario.fault)).isEmpty, "\(stage): it is told once")
      #expect(scenario.report(.notKept(LaneID(0), Scenario.fault)).isEmpty, "\(stage): one at a time")
      #expect(scenario.report(.kept(LaneID(0))).isEmpty, "\(stage): the other lane's don't end it")
      #expect(scenario.report(.kept(LaneID(1))).types == ["ConditionChanged"], "\(stage)")
      #expect(scenario.condition(kind) == before, "\(stage)")
    }
    for stage in [Stage.pausing, .deleting, .restartingFailed, .done, .planned] {
      var scenario = Scenario.at(stage)
      #expect(scenario.report(.notKept(LaneID(1), Scenario.fault)).isEmpty, "\(stage)")
    }
  }

  @Test("A seal that waits shows it, also while a failed run is being restarted")
  func seals() {
    for stage in [Stage.pausing, .restarting, .deleting, .restartingFailed] {
      var scenario = Scenario.at(stage)
      #expect(scenario.report(.waiting(Scenario.fault)).types == ["ConditionChanged"], "\(stage)")
      scenario.report(.sealed(LaneID(0), warning: nil))
      #expect(scenario.condition(.jobCompleted)?.isWaiting == false, "\(stage)")
    }
  }
}

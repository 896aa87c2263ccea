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

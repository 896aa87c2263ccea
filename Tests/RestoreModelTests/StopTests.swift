import RestoreModel
import Testing

@Suite("Pause, resume, restart, delete")
struct StopTests {
  @Test("A pause is recorded only when the last lane is sealed")
  func pause() {
    var scenario = Scenario.at(.allPositioned)
    #expect(scenario.send(.disable).types == ["RestoreDisabled"])
    #expect(scenario.phase == .restoring)
    #expect(scenario.status?.stopping == .pausing)
    #expect(scenario.report(.sealed(LaneID(1), warning: nil)).types == ["LaneSealed"])
    #expect(scenario.phase == .restoring)
    #expect(scenario.report(.sealed(LaneID(0), warning: "NotFenced")).types == ["LaneSealed", "RunPaused"])
    #expect(scenario.phase == .paused)
    #expect(scenario.status?.stopping == nil)
    #expect(scenario.condition(.jobCompleted)?.reason == "JobPaused")
    #expect(scenario.status?.warnings == ["lane 0: NotFenced"])
  }

  @Test("Before anything is planned a pause is immediate, and a plan that arrives late is dropped")
  func pauseBeforePlan() {
    var scenario = Scenario.at(.initializing)
    #expect(scenario.send(.disable).types == ["RestoreDisabled", "RunPaused"])
    #expect(scenario.report(.planned(Scenario.plan())).isEmpty)
    #expect(scenario.send(.enable).types == ["RestoreEnabled", "RunResumed"])
    #expect(scenario.phase == .initializing)
  }

  @Test("A resumed run goes on where it stood, under a new claim")
  func resume() {
    var scenario = Scenario.at(.paused)
    #expect(scenario.send(.enable).types == ["RestoreEnabled", "RunResumed"])
    #expect(scenario.phase == .restoring)
    #expect(scenario.status?.run == 1)
    #expect(scenario.status?.controller.claim == Claim(2))
    #expect(scenario.status?.controller.sealed == [])
  }

  @Test("Enabled again while it is being paused, a run is paused and resumed with its last seal")
  func resumeWhilePausing() {
    var scenario = Scenario.at(.pausing)
    #expect(scenario.send(.enable).types == ["RestoreEnabled"])
    #expect(scenario.status?.stopping == .pausing)
    #expect(scenario.seal().types == ["LaneSealed", "LaneSealed", "RunPaused", "RunResumed"])
    #expect(scenario.phase == .restoring)
    #expect(scenario.status?.controller.claim == Claim(2))
  }

  @Test("A run whose topics are all restored while it is being paused is done")
  func doneWhilePausing() {
    var scenario = Scenario.at(.pausing)
    scenario.report(.sealed(LaneID(1), warning: nil))
    #expect(scenario.finish().types.last == "RunCompleted")
    #expect(scenario.phase == .done)
    #expect(scenario.status?.stopping == nil)
    #expect(scenario.restore?.restoreSpec?.enabled == false)
  }

  @Test("A run that fails while it is being paused has failed, and its late seals are dropped")
  func failedWhilePausing() {
    var scenario = Scenario.at(.pausing)
    #expect(scenario.report(.failed(Scenario.fault)).types == ["RunFailed"])
    #expect(scenario.status?.stopping == nil)
    #expect(scenario.seal().isEmpty)
    #expect(scenario.phase == .failed)
  }

  @Test("A restart seals the lanes under a new claim before the next run begins")
  func restart() {
    for stage in [Stage.allPositioned, .failed, .pausing, .planned] {
      var scenario = Scenario.at(stage)
      let phase = scenario.phase
      #expect(scenario.send(.restart).outcome?.content.type == "RestartAccepted", "\(stage)")
      #expect(scenario.phase == phase, "\(stage)")
      #expect(scenario.status?.controller.claim == Claim(2))
      #expect(scenario.restore?.restoreSpec?.enabled == true)
      #expect(scenario.finish().isEmpty, "what the new claim's seals report is no work")
      #expect(scenario.seal().types == ["LaneSealed", "LaneSealed", "RunStarted"], "\(stage)")
      #expect(scenario.status?.run == 2)
      #expect(scenario.status?.controller.claim == Claim(3))
      #expect(scenario.phase == .initializing)
    }
  }

  @Test("Where no lane can produce any more, a restart is immediate; it enables what isn't enabled")
  func restartAtOnce() {
    let immediate: [Stage: [String]] = [
      .initializing: ["RunStarted"], .done: ["RunStarted"], .unverified: ["RunStarted"], .held: ["RunStarted"],
      .paused: ["RestoreEnabled", "RunStarted"], .pausedBeforePlan: ["RestoreEnabled", "RunStarted"],
      .doneDisabled: ["RestoreEnabled", "RunStarted"], .heldDisabled: ["RestoreEnabled", "RunStarted"],
    ]
    for (stage, types) in immediate {
      var scenario = Scenario.at(stage)
      let events = scenario.send(.restart)
      #expect(events.types == types, "\(stage)")
      #expect(events.outcome?.content.type == "RunStarted")
      #expect(scenario.status?.run == 2)
      #expect(scenario.restore?.restoreSpec?.enabled == true)
    }
  }

  @Test("What has had no run, or can't be run, isn't restarted")
  func restartApplies() {
    for stage in [Stage.draft, .enabledDraft, .ready, .invalid] {
      var scenario = Scenario.at(stage)
      #expect(scenario.send(.restart).rejection?.reason == .notApplicable, "\(stage)")
    }
    var orphan = Scenario.at(.done)
    orphan.send(.delete, Scenario.storage)
    #expect(orphan.send(.restart).rejection?.message.contains("\"store\"") == true)
  }

  @Test("Turning it off withdraws a restart: a working run is paused, a failed one stays failed")
  func restartWithdrawn() {
    var working = Scenario.at(.restarting)
    working.report(.sealed(LaneID(0), warning: nil))
    #expect(working.send(.disable).types == ["RestoreDisabled"])
    #expect(working.status?.stopping == .pausing)
    #expect(working.report(.sealed(LaneID(1), warning: nil)).types == ["LaneSealed", "RunPaused"])
    #expect(working.status?.run == 1)

    var failed = Scenario.at(.restartingFailed)
    #expect(failed.send(.disable).types == ["RestoreDisabled"])
    #expect(failed.status?.stopping == nil)
    #expect(failed.phase == .failed)
    #expect(failed.seal().isEmpty)
  }

  @Test("A restart that can't seal fails the run, which can be restarted again")
  func restartFails() {
    for stage in [Stage.restarting, .restartingFailed] {
      var scenario = Scenario.at(stage)
      #expect(scenario.report(.failed(Scenario.fault)).types == ["RunFailed"])
      #expect(scenario.status?.stopping == nil)
      #expect(scenario.send(.restart).types == ["RestartAccepted"])
    }
  }

  @Test("A take-over makes seals void: a pause waits for them anew")
  func takeOverWhilePausing() {
    var scenario = Scenario.at(.pausing)
    scenario.report(.sealed(LaneID(0), warning: nil))
    let claim = scenario.status?.controller.claim
    scenario.takeOver()
    #expect(scenario.status?.controller.sealed == [])
    #expect(scenario.report(.sealed(LaneID(1), warning: nil), claim: claim).isEmpty)
    #expect(scenario.report(.sealed(LaneID(1), warning: nil)).types == ["LaneSealed"])
    #expect(scenario.phase == .restoring)
    #expect(scenario.report(.sealed(LaneID(0), warning: nil)).types == ["LaneSealed", "RunPaused"])
  }

  @Test("Deleting is immediate where no run is unfinished or nothing is planned; else every lane is sealed first")
  func delete() {
    for stage in Stage.allCases where ![.missing, .deleted, .deleting].contains(stage) {
      var scenario = Scenario.at(stage)
      let sealing = scenario.phase?.isUnfinished == true && scenario.status?.controller.lanes.isEmpty == false
      let events = scenario.send(.delete, id: "gone")
      #expect(events.types == [sealing ? "DeleteAccepted" : "RestoreDeleted"], "\(stage)")
      if sealing {
        #expect(scenario.status?.stopping == .deleting)
        #expect(scenario.seal().types == ["LaneSealed", "LaneSealed", "RestoreDeleted"], "\(stage)")
      }
      #expect(scenario.restore == nil)
      #expect(scenario.state.deleted[Scenario.orders]?.commandIDs == ["gone"])
    }
  }

  @Test("While it is deleted nothing else is taken, and deleting again changes nothing")
  func terminating() {
    for command in Scenario.commands {
      var scenario = Scenario.at(.deleting)
      let before = scenario.restore
      let events = scenario.send(command, archived: Scenario.archived)
      if command == .delete {
        #expect(events.types == ["CommandUnchanged"])
      } else {
        #expect(events.rejection != nil, "\(command.name)")
      }
      #expect(scenario.restore == before)
    }
    var scenario = Scenario.at(.deleting)
    #expect(scenario.send(.enable).rejection?.reason == .terminating)
  }

  @Test("A deletion that can't seal goes on, and says so")
  func deleteUnsealed() {
    var scenario = Scenario.at(.deleting)
    scenario.report(.sealed(LaneID(1), warning: nil))
    let events = scenario.report(.failed(Scenario.fault))
    #expect(events.types == ["LaneSealed", "RestoreDeleted"])
    #expect(events.first?.content == .laneSealed(LaneID(0), warning: Scenario.fault.message))
  }

  @Test("What doesn't exist can't be deleted")
  func deleteMissing() {
    var scenario = Scenario()
    #expect(scenario.send(.delete).rejection?.reason == .notFound)
  }
}

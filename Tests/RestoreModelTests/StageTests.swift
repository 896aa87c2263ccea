import RestoreModel
import Testing

@Suite("Every state meets every input")
struct StageTests {
  @Test("A stage is what its name says")
  func stagesAreReached() {
    let expected: [Stage: Phase?] = [
      .missing: nil, .deleted: nil, .draft: .draft, .enabledDraft: .draft, .ready: .ready, .invalid: .invalid,
      .initializing: .initializing, .planned: .initializing, .restoring: .restoring, .allPositioned: .restoring,
      .pausing: .restoring, .restarting: .restoring, .deleting: .restoring, .pausingPreflight: .initializing,
      .paused: .paused, .pausedBeforePlan: .paused, .failed: .failed, .failedPreflight: .failed,
      .failedDisabled: .failed, .restartingFailed: .failed, .unverified: .done, .done: .done, .mismatched: .done,
      .doneDisabled: .done, .held: .ready, .heldDisabled: .ready,
    ]
    for stage in Stage.allCases { #expect(Scenario.at(stage).phase == expected[stage], "\(stage)") }
    #expect(Scenario.at(.pausing).status?.stopping == .pausing)
    #expect(Scenario.at(.pausingPreflight).status?.stopping == .pausing)
    #expect(Scenario.at(.restarting).status?.stopping == .restarting)
    #expect(Scenario.at(.restartingFailed).status?.stopping == .restarting)
    #expect(Scenario.at(.deleting).status?.stopping == .deleting)
    #expect(Scenario.at(.held).status?.controller.held == true)
  }

  @Test("Every command has exactly one outcome in every state", arguments: Stage.allCases)
  func commandsAreTotal(_ stage: Stage) {
    let start = Scenario.at(stage)
    for command in Scenario.commands {
      for generation in [nil, start.restore?.metadata.generation ?? 0, 99] as [Int64?] {
        var scenario = start
        let events = scenario.send(command, id: "c", expecting: generation, archived: Scenario.archived)
        let note = "\(stage), \(command.name), \(events.types)"
        Invariant.check(from: start.state, to: scenario.state, events, note: note)
        if events.rejection != nil { #expect(events.count == 1, "\(note): a rejection changes nothing") }
      }
    }
  }

  @Test("A command delivered twice changes nothing more", arguments: Stage.allCases)
  func commandsAreIdempotent(_ stage: Stage) {
    let start = Scenario.at(stage)
    for command in Scenario.commands {
      var scenario = start
      scenario.send(command, id: "same", archived: Scenario.archived)
      let before = scenario.state
      let again = scenario.send(command, id: "same", archived: Scenario.archived)
      #expect(again.types == ["CommandUnchanged"], "\(stage), \(command.name)")
      #expect(scenario.state.resources == before.resources)
    }
  }

  @Test(
    "A settled state wants nothing more: the same command without an id is unchanged or refused, or begins a new run")
  func repeatedCommandsSettle() {
    for stage in Stage.allCases {
      for command in Scenario.commands {
        var scenario = Scenario.at(stage)
        scenario.send(command, archived: Scenario.archived)
        let again = scenario.send(command, archived: Scenario.archived)
        let types = Set(again.types)
        let quiet = types.isSubset(of: ["CommandUnchanged", "CommandRejected"])
        // A restart asked for twice before any lane is planned is two restarts.
        let restarted = command == .restart && types == ["RunStarted"]
        #expect(quiet || restarted, "\(stage), \(command.name): \(again.types)")
      }
    }
  }

  @Test("Every fact is decided in every state, and moves it only along legal ways", arguments: Stage.allCases)
  func factsAreTotal(_ stage: Stage) {
    let start = Scenario.at(stage)
    for fact in Scenario.facts {
      var scenario = start
      let events = scenario.report(fact)
      Invariant.check(from: start.state, to: scenario.state, events, note: "\(stage), \(fact), \(events.types)")
    }
  }

  @Test("A fact reported twice is one event", arguments: Stage.allCases)
  func factsAreIdempotent(_ stage: Stage) {
    for fact in Scenario.facts {
      var scenario = Scenario.at(stage)
      scenario.report(fact)
      #expect(scenario.report(fact).isEmpty, "\(stage), \(fact)")
    }
  }

  @Test("A fact of another uid, run or claim changes nothing", arguments: Stage.allCases)
  func staleFactsAreDropped(_ stage: Stage) {
    var scenario = Scenario.at(stage)
    let before = scenario.state
    guard let status = scenario.status else { return }
    for fact in Scenario.facts {
      scenario.report(fact, uid: UID("another"))
      for run in [status.run - 1, status.run + 1] { scenario.report(fact, run: run) }
      let claim = status.controller.claim.number
      for number in [claim - 1, claim + 1] { scenario.report(fact, claim: Claim(number)) }
    }
    #expect(scenario.state == before)
  }

  @Test("A take-over raises the claim of every run that may still work, and makes its seals void")
  func takeOver() {
    for stage in Stage.allCases {
      let before = Scenario.at(stage)
      var scenario = before
      let events = scenario.takeOver()
      Invariant.check(from: before.state, to: scenario.state, events, note: "\(stage)")
      let live: Bool =
        before.restore.map { restore in
          restore.status.phase?.isUnfinished == true || stage == .unverified
        } ?? false
      #expect(events.types == (live ? ["OwnerChanged", "RunTakenOver"] : ["OwnerChanged"]), "\(stage)")
      #expect(scenario.state.epoch == before.state.epoch + 1)
      if live { #expect(scenario.status?.controller.sealed == []) }
      #expect(scenario.phase == before.phase)
      #expect(scenario.status?.stopping == before.status?.stopping)
    }
  }
}

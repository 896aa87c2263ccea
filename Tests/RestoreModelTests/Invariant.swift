import RestoreModel
import Testing

/// What holds between any two states that follow each other, and in each.
enum Invariant {
  static func check(from old: ControlState, to new: ControlState, _ events: [Event], note: String) {
    #expect(new.sequence == old.sequence + Int64(events.count), "\(note): the sequence has no gaps")
    #expect(new.time >= old.time && new.commandsThrough >= old.commandsThrough, "\(note): time never goes back")
    for (key, resource) in new.resources {
      holds(resource, note: note)
      guard let before = old.resources[key], before.metadata.uid == resource.metadata.uid else { continue }
      follows(before, resource, note: note)
    }
  }

  /// What holds in every settled state.
  static func holds(_ resource: Resource, note: String) {
    let status = resource.status
    #expect(status.observedGeneration == resource.metadata.generation, "\(note)")
    #expect(Set(status.conditions.map(\.type)).count == status.conditions.count, "\(note): conditions are unique")
    guard let spec = resource.restoreSpec, let phase = status.phase else { return }
    let controller = status.controller
    let targets = spec.config.topics.map(\.target)
    #expect(Set(targets).count == targets.count, "\(note): targets are unique")
    let isIdle = [.draft, .ready, .invalid].contains(phase)
    if isIdle {
      #expect((phase == .draft) == targets.isEmpty, "\(note): Draft means no topics")
      let valid = status.condition(.valid)?.status == .true
      if phase == .ready { #expect(valid, "\(note)") }
      if phase == .invalid { #expect(!valid, "\(note)") }
      let due = spec.enabled && valid && !targets.isEmpty && !controller.held
      #expect(!due, "\(note): what is due has started")
    }
    if isIdle || phase == .done { #expect(status.stopping == nil, "\(note)") }
    if phase == .paused, status.stopping == nil { #expect(!spec.enabled, "\(note): paused means not enabled") }
    if controller.held { #expect(isIdle, "\(note): only an edited document is held") }
    if phase.isUnfinished { #expect(status.run > 0 && controller.claim > .none, "\(note)") }
    if phase == .restoring { #expect(controller.preflightPassed && !controller.lanes.isEmpty, "\(note)") }
    if phase == .done { #expect(Set(controller.lanes.flatMap(\.topics)) == Set(controller.restoredTopics), "\(note)") }
    let job = status.condition(.jobCompleted)
    if job?.status == .true { #expect(phase == .done || isIdle, "\(note): only success is True") }
    #expect((status.condition(.failed)?.status == .true) == (phase == .failed), "\(note)")
  }

  static let legal: [Phase: Set<Phase>] = [
    .draft: [.ready, .invalid, .initializing], .ready: [.draft, .invalid, .initializing],
    .invalid: [.draft, .ready, .initializing],
    .initializing: [.restoring, .paused, .failed],
    .restoring: [.initializing, .paused, .failed, .done],
    .paused: [.initializing, .restoring],
    .failed: [.initializing, .restoring, .draft, .ready, .invalid],
    .done: [.draft, .ready, .invalid, .initializing],
  ]

  static func follows(_ old: Resource, _ new: Resource, note: String) {
    let before = old.status.controller
    let after = new.status.controller
    #expect(after.claim >= before.claim, "\(note): claims only grow")
    #expect(new.metadata.generation >= old.metadata.generation, "\(note)")
    #expect(new.status.run >= old.status.run, "\(note)")
    #expect((new.metadata.generation == old.metadata.generation) == (new.spec == old.spec), "\(note)")
    for id in before.commandIDs.suffix(30) { #expect(after.commandIDs.contains(id), "\(note): ids are remembered") }
    if let from = old.status.phase, let to = new.status.phase, from != to {
      #expect(legal[from]?.contains(to) == true, "\(note): \(from) → \(to)")
    }
    guard new.status.run == old.status.run else {
      #expect(new.status.run == old.status.run + 1 && after.claim > before.claim, "\(note)")
      return
    }
    if old.status.phase == .failed, let phase = new.status.phase, !phase.isUnfinished {
      #expect(before.positioned.isEmpty && !before.preflightPassed, "\(note): it has sent nothing")
      #expect(after.claim > before.claim, "\(note): nobody goes on with it")
      return
    }
    if !before.lanes.isEmpty { #expect(after.lanes == before.lanes, "\(note): lanes never change within a run") }
    #expect(Set(before.positioned).isSubset(of: after.positioned), "\(note): positions don't vanish")
    #expect(Set(before.restoredTopics).isSubset(of: after.restoredTopics), "\(note)")
    let ended = old.status.phase == .paused || old.status.phase == .failed || old.status.phase == .done
    let works = new.status.phase == .initializing || new.status.phase == .restoring
    if ended, works { #expect(after.claim > before.claim, "\(note): work goes on only under a new claim") }
    for condition in new.status.conditions {
      guard let earlier = old.status.condition(condition.type) else { continue }
      #expect(
        (earlier.lastTransitionTime == condition.lastTransitionTime) == (earlier.status == condition.status),
        "\(note): \(condition.type) moves its time only with its status")
    }
    if let from = old.restoreSpec, let to = new.restoreSpec, old.status.phase?.isUnfinished == true {
      #expect(from.lockedChanges(to: to).isEmpty, "\(note): a run's spec is locked")
    }
  }
}

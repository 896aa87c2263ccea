import ControlPlane
import ControlTopics
import RestoreModel
import Testing
import Threads

extension World {
  /// Records what doesn't hold as issues that name the seed.
  func check(comparingDeleted: Bool = true, _ location: SourceLocation = #_sourceLocation) {
    for finding in findings(comparingDeleted: comparingDeleted) {
      Issue.record("\(finding); THAW_SEED=\(seed) replays it", sourceLocation: location)
    }
    tellStory()
  }

  /// When one seed is replayed: what the controllers logged, what they decided, what is left.
  func tellStory() {
    guard Seeds.only != nil else { return }
    for line in logs.lines { print(line) }
    for record in (try? events()) ?? [] {
      let event = record.event
      print(
        "\(event.time) #\(event.sequence) epoch \(event.epoch) \(event.key?.name ?? "") \(event.content.type) by \(event.cause)"
      )
    }
    for resource in latest.resources.values where resource.key.kind == .restore {
      print("\(resource.status)")
    }
  }

  /// What must hold at any moment, whoever died when, and doesn't.
  ///
  /// - Parameter comparingDeleted: false once ids were forgotten, which no event tells.
  func findings(comparingDeleted: Bool = true) -> [String] {
    var findings = halts.withLock { $0 }.map { "a controller halted: \($0)" } + sink.faults
    _ = recorded.state
    findings += recorded.faults
    do {
      let events = try events()
      findings += orderFindings(events) + outcomeFindings(events) + repeatFindings(events) + wholenessFindings()
      findings += try foldFindings(events, comparingDeleted)
      findings += try compactionFindings()
    } catch { findings.append("the topics can't be read: \(error)") }
    return findings
  }

  private func orderFindings(_ events: [EventRecord]) -> [String] {
    var findings: [String] = []
    if events.map(\.event.sequence) != Array(1..<Int64(events.count + 1)) {
      findings.append("the events' sequence has gaps or repeats")
    }
    if events.map(\.event.epoch) != events.map(\.event.epoch).sorted() { findings.append("an epoch goes back") }
    if events.map(\.event.time) != events.map(\.event.time).sorted() { findings.append("time goes back") }
    return findings
  }

  private func outcomeFindings(_ events: [EventRecord]) -> [String] {
    var outcomes: [Int64: Int] = [:]
    for record in events {
      if record.event.outcome, case .command(let offset, _) = record.event.cause { outcomes[offset, default: 0] += 1 }
    }
    let decided = broker.committed?.offset ?? 0
    return broker.committedRecords(of: .commands).compactMap { command in
      let expected = command.offset < decided ? 1 : 0
      let found = outcomes[command.offset] ?? 0
      return found == expected ? nil : "the command at \(command.offset) has \(found) outcomes, not \(expected)"
    }
  }

  /// However often a command arrives, under its id it changes something once.
  private func repeatFindings(_ events: [EventRecord]) -> [String] {
    var handled: [String: Int] = [:]
    for record in events where record.event.outcome {
      guard case .command(_, let id?) = record.event.cause, let key = record.event.key else { continue }
      switch record.event.content {
      case .commandUnchanged, .commandRejected: break
      default: handled["\(key) \(id)", default: 0] += 1
      }
    }
    return handled.filter { $0.value > 1 }.keys.map { "the command \($0) was carried out more than once" }
  }

  private func wholenessFindings() -> [String] {
    latest.resources.values.filter { $0.status.phase == .done }.flatMap { restore in
      restore.status.controller.lanes.flatMap { lane in
        lane.topics.compactMap { topic in
          let place = SimulatedSink.Place(uid: restore.metadata.uid, run: restore.status.run, lane: lane.id)
          return sink.isWhole(topic, place) ? nil : "\(restore.key) is done, but \(topic) is not whole"
        }
      }
    }
  }

  /// Replaying the events gives the recorded state, hash by hash.
  private func foldFindings(_ events: [EventRecord], _ comparingDeleted: Bool) throws -> [String] {
    var findings: [String] = []
    var state = ControlState()
    for record in events {
      if let finding = witness.finding(record.event, before: state) { findings.append(finding) }
      state.evolve(record.event)
      let hash = try record.event.key.flatMap { state.resources[$0] }?.stateHash()
      if hash != record.stateHash { findings.append("event \(record.event.sequence) leads to another state") }
    }
    let folded = try fold().state
    if withoutProgress(folded.resources) != withoutProgress(state.resources) {
      findings.append("specs and status don't say what the events say")
    }
    if comparingDeleted, folded.deleted != state.deleted {
      findings.append("status remembers other ids of deleted resources than the events tell")
    }
    return findings
  }

  private func withoutProgress(_ resources: PersistentMap<ResourceKey, Resource>) -> [ResourceKey: Resource] {
    var found: [ResourceKey: Resource] = [:]
    for (key, resource) in resources {
      found[key] = resource
      found[key]?.status.progress = nil
    }
    return found
  }

  private func compactionFindings() throws -> [String] {
    let before = try fold()
    broker.compact(.specs)
    broker.compact(.status)
    let after = try fold()
    try after.finish()
    let isEqual =
      after.state.resources == before.state.resources && after.state.deleted == before.state.deleted
      && after.state.installation == before.state.installation
    return isEqual ? [] : ["compaction changes the fold"]
  }
}

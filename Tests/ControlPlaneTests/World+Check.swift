import ControlPlane
import ControlTopics
import RestoreModel
import Testing

extension World {
  /// What must hold at any moment, whoever died when.
  ///
  /// - Parameter comparingDeleted: false once ids were forgotten, which no event tells.
  func check(comparingDeleted: Bool = true, _ location: SourceLocation = #_sourceLocation) throws {
    let events = try events()
    let seed = "seed \(simulation.seed)"
    #expect(
      events.map(\.event.sequence) == Array(1..<Int64(events.count + 1)), "no gaps, none twice; \(seed)",
      sourceLocation: location)
    #expect(events.map(\.event.epoch) == events.map(\.event.epoch).sorted(), "\(seed)", sourceLocation: location)
    #expect(events.map(\.event.time) == events.map(\.event.time).sorted(), "\(seed)", sourceLocation: location)
    try checkOutcomes(events, location)
    try checkFold(events, comparingDeleted, location)
    try checkCompaction(location)
    #expect(sink.faults.isEmpty, "\(seed)", sourceLocation: location)
    let copies = sink.copies.values.flatMap(\.values)
    #expect(copies.allSatisfy { $0 == 1 }, "no topic is copied twice; \(seed)", sourceLocation: location)
  }

  private func checkOutcomes(_ events: [EventRecord], _ location: SourceLocation) throws {
    let decided = broker.committed?.offset ?? 0
    for command in broker.committedRecords(of: .commands) where command.offset < decided {
      let outcomes = events.count { $0.isOutcome(ofCommandAt: command.offset) }
      #expect(
        outcomes == 1, "command at \(command.offset) has \(outcomes) outcomes; seed \(simulation.seed)",
        sourceLocation: location)
    }
  }

  /// Replaying the events gives the recorded state, hash by hash.
  private func checkFold(_ events: [EventRecord], _ comparingDeleted: Bool, _ location: SourceLocation) throws {
    var state = ControlState()
    for record in events {
      state.evolve(record.event)
      let hash = try record.event.key.flatMap { state.resources[$0] }?.stateHash()
      #expect(
        hash == record.stateHash, "event \(record.event.sequence), seed \(simulation.seed)", sourceLocation: location)
    }
    let folded = try fold().state
    #expect(
      withoutProgress(folded.resources) == withoutProgress(state.resources), "seed \(simulation.seed)",
      sourceLocation: location)
    #expect(!comparingDeleted || folded.deleted == state.deleted, "seed \(simulation.seed)", sourceLocation: location)
  }

  private func withoutProgress(_ resources: PersistentMap<ResourceKey, Resource>) -> [ResourceKey: Resource] {
    var found: [ResourceKey: Resource] = [:]
    for (key, resource) in resources {
      found[key] = resource
      found[key]?.status.progress = nil
    }
    return found
  }

  private func checkCompaction(_ location: SourceLocation) throws {
    let before = try fold()
    broker.compact(.specs)
    broker.compact(.status)
    let after = try fold()
    try after.finish()
    #expect(after.state.resources == before.state.resources, "seed \(simulation.seed)", sourceLocation: location)
    #expect(after.state.deleted == before.state.deleted, "seed \(simulation.seed)", sourceLocation: location)
    #expect(after.state.installation == before.state.installation, sourceLocation: location)
  }
}

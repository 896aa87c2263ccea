import RestoreModel
import Testing

@Suite("Command ids are remembered")
struct MemoryTests {
  @Test("A repeated id changes nothing, whatever the repeated command says")
  func repeatedID() {
    var scenario = Scenario.at(.ready)
    scenario.send(.enable, id: "x")
    #expect(scenario.send(.delete, id: "x").types == ["CommandUnchanged"])
    #expect(scenario.send(.failure(Rejection(.malformed, "no JSON")), Scenario.orders, id: "x").rejection == nil)
  }

  @Test("A refused id is handled too")
  func refusedID() {
    var scenario = Scenario.at(.ready)
    scenario.send(.retry, id: "x")
    #expect(scenario.send(.enable, id: "x").types == ["CommandUnchanged"])
  }

  @Test("The last 64 are remembered, oldest forgotten first")
  func bounded() {
    var scenario = Scenario.at(.ready)
    for number in 0..<70 { scenario.send(.retry, id: "id-\(number)") }
    #expect(scenario.status?.controller.commandIDs == (6..<70).map { "id-\($0)" })
    #expect(scenario.send(.disable, id: "id-6").outcome?.content.type == "CommandUnchanged")
  }

  @Test("A deletion's memory is carried over to the next of the name")
  func acrossDeletion() {
    var scenario = Scenario.at(.deleted)
    #expect(scenario.state.deleted[Scenario.orders]?.commandIDs == ["created", "deleted"])
    #expect(scenario.send(.create(Scenario.document()), id: "created").types == ["CommandUnchanged"])
    #expect(scenario.restore == nil)
    scenario.send(.create(Scenario.document(enabled: false)), id: "anew")
    #expect(scenario.status?.controller.commandIDs == ["created", "deleted", "anew"])
    #expect(scenario.state.deleted.isEmpty)
    #expect(scenario.send(.delete, id: "deleted").types == ["CommandUnchanged"])
    #expect(scenario.restore != nil)
  }

  @Test("A refused Delete of nothing, delivered again, doesn't delete what was created in between")
  func refusedDelete() {
    var scenario = Scenario()
    #expect(scenario.send(.delete, id: "early").rejection?.reason == .notFound)
    scenario.send(.create(Scenario.document()), id: "created")
    #expect(scenario.send(.delete, id: "early").types == ["CommandUnchanged"])
    #expect(scenario.restore != nil)
  }

  @Test("A deletion without ids leaves no memory; one with ids is forgotten after seven days and not before")
  func forgetting() {
    var without = Scenario.at(.ready)
    without.send(.delete)
    #expect(without.state.deleted.isEmpty)

    var scenario = Scenario.at(.deleted)
    let week = DeletedResource.rememberedForMilliseconds
    let deletedAt = scenario.now.milliseconds
    #expect(scenario.state.keysToForget(at: Instant(milliseconds: deletedAt + week)).isEmpty)
    let keys = scenario.state.keysToForget(at: Instant(milliseconds: deletedAt + week + 1))
    #expect(keys == [Scenario.orders])
    let due = Instant(milliseconds: deletedAt + week + 1)
    for key in keys { scenario.state.forget(key, at: due) }
    #expect(scenario.state.deleted.isEmpty)
    #expect(scenario.state.time == due, "no later event is of an earlier time")
  }

  @Test("A new incarnation has a new uid, and facts about the old one are dropped")
  func incarnations() {
    var scenario = Scenario.at(.initializing)
    let old = scenario.status?.uid
    scenario.send(.delete)
    scenario.send(.create(Scenario.document()))
    #expect(scenario.status?.uid != old)
    #expect(scenario.report(.planned(Scenario.plan()), uid: old).isEmpty)
  }
}

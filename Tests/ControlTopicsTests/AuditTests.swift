import ControlTopics
import RestoreModel
import Testing

@Suite("The audit") struct AuditTests {
  @Test("An honest history is proved, at every prefix and at its end") func honest() throws {
    let history = History.long
    let report = try history.audit()
    #expect(report.difference == nil)
    #expect(report.isHeadCompared)
    #expect(report.events == Int64(history.events.count) && report.hashes == report.events)
    #expect(report.owners == 2)
    #expect(report.state.resources == history.state.resources)
    for event in history.events {
      let past = try history.audit(until: event.offset)
      #expect(past.difference == nil && !past.isHeadCompared)
      #expect(past.offsets == 0...event.offset)
    }
  }

  @Test("One document alone can be asked about, also one of the past") func oneDocument() throws {
    let history = History.long
    let report = try history.audit(History.orders)
    #expect(report.difference == nil && report.isHeadCompared)
    #expect(report.hashes < report.events)
    #expect(report.resource?.restoreSpec?.description == "again")
    let deleted = try #require(history.events.first { $0.contains("RestoreDeleted") })
    #expect(try history.audit(History.orders, until: deleted.offset).resource == nil)
    #expect(try history.audit(History.orders, until: deleted.offset - 2).resource != nil)
  }

  @Test("The service may go on while it is audited", arguments: 1...8) func live(ahead: Int) throws {
    #expect(try History.long.audit(live: ahead).difference == nil)
  }

  @Test("What an event decided can't be changed afterwards") func tamperedEvent() throws {
    var history = History.long
    let index = try #require(history.events.firstIndex { $0.contains("TopicMapped") })
    history.change(.events, index) { $0.replace("orders-copy", with: "orders-fake") }
    let difference = try #require(try history.audit().difference)
    #expect(difference.problem == .state && difference.topic == .events)
    #expect(difference.offset == Int64(index) * 2)
    #expect(difference.key == .resource(History.orders))
    #expect(difference.message.contains("stateHash"))
    #expect(
      difference.described(in: TopicNaming()).hasPrefix(
        "thaw.events-0 at offset \(index * 2): restores/default/orders: TopicMapped states the stateHash"))
    // Nothing before it is in doubt.
    #expect(try history.audit(until: Int64(index) * 2 - 1).difference == nil)
  }

  @Test(
    "A hash, a uid, a run and a generation that the state doesn't have are named",
    arguments: ["stateHash", "uid", "generation"])
  func tamperedStatement(field: String) throws {
    var history = History.long
    let index = try #require(history.events.firstIndex { $0.contains("TopicMapped") })
    let event = try EventRecord.decode(history.events[index])
    let old: String =
      switch field {
      case "stateHash": try #require(event.stateHash)
      case "uid": try #require(event.event.uid?.text)
      default: "\"generation\":2"
      }
    let new = field == "generation" ? "\"generation\":3" : String(old.reversed())
    history.change(.events, index) { $0.replace(old, with: new) }
    let difference = try #require(try history.audit().difference)
    #expect(difference.problem == .state && difference.offset == Int64(index) * 2)
    #expect(difference.message.contains("states the \(field)"))
  }

  @Test("Each event that is missing is missed at the one after it, and the last one at the end") func missingEvent()
    throws
  {
    let count = History.long.events.count
    for index in 0..<count {
      var history = History.long
      let offset = history.events[index].offset
      history.remove(.events) { $0.offset == offset }
      let difference = try #require(try history.audit().difference, "without event \(index)")
      #expect(difference.problem == .missingEvent || index == count - 1)
      guard index < count - 1 else { continue }
      #expect(difference.offset == Int64(index + 1) * 2)
      #expect(difference.sequence == Int64(index + 2))
    }
  }

  @Test("A history whose beginning is gone proves nothing") func retention() throws {
    var history = History.long
    history.remove(.events) { $0.offset < 6 }
    let difference = try #require(try history.audit().difference)
    #expect(difference.problem == .missingEvent && difference.offset == 6)
    #expect(difference.message.contains("begins with sequence 4"))
  }

  @Test("Events out of their order are named", arguments: ["repeated", "epoch", "time", "outcome", "through", "owner"])
  func order(what: String) throws {
    var history = History.long
    let index = try #require(history.events.firstIndex { $0.contains("SpecChanged") })
    let event = try EventRecord.decode(history.events[index]).event
    switch what {
    case "repeated":
      let former = history.events[index - 1]
      history.change(.events, index) { $0 = former }
    case "epoch": history.change(.events, index) { $0.replace("\"epoch\":2", with: "\"epoch\":1") }
    case "time":
      history.change(.events, index) { $0.replace(event.time.description, with: "2001-01-01T00:00:00.000Z") }
    case "outcome": history.change(.events, index - 1) { $0.replace("\"outcome\":true", with: "\"outcome\":false") }
    case "through":
      let through = "\"commandsThrough\":\(event.commandsThrough)"
      history.change(.events, index) { $0.replace(through, with: through + "0") }
    default:
      let owner = try #require(history.events.lastIndex { $0.contains("OwnerChanged") })
      history.change(.events, owner) { $0.replace("\"epoch\":2", with: "\"epoch\":1") }
      let difference = try #require(try history.audit().difference)
      #expect(difference.problem == .order && difference.offset == Int64(owner) * 2)
      return
    }
    let difference = try #require(try history.audit().difference)
    #expect(difference.problem == .order || what == "repeated")
    #expect(difference.offset == (what == "repeated" ? Int64(index - 1) * 2 : Int64(index) * 2))
  }

  @Test("An event of another installation is named") func foreign() throws {
    var history = History.long
    history.change(.events, 5) { record in
      record.headers = record.headers.map { $0.name == "ce_id" ? .init("ce_id", "other-6") : $0 }
    }
    let difference = try #require(try history.audit().difference)
    #expect(difference.problem == .unreadable && difference.offset == 10)
  }

  @Test("A document that isn't what the events lead to is named with what differs") func wrongSpec() throws {
    var history = History.long
    let index = try #require(history.topics[.specs]?.lastIndex { $0.contains("again") })
    history.change(.specs, index) { $0.replace("again", with: "never") }
    let difference = try #require(try history.audit().difference)
    #expect(difference.problem == .head && difference.topic == .specs && difference.offset == Int64(index) * 2)
    #expect(difference.key == .resource(History.orders))
    #expect(difference.message.contains("spec.description is \"never\", but the events lead to \"again\""))
  }

  @Test("A status that isn't what the events lead to is named with what differs")
  func wrongStatus() throws {
    var history = History.long
    let orders = RecordKey.resource(History.orders).bytes
    let index = try #require(history.topics[.status]?.lastIndex { $0.key == orders && $0.value != nil })
    history.change(.status, index) { $0.replace("\"observedGeneration\":2", with: "\"observedGeneration\":9") }
    let difference = try #require(try history.audit().difference)
    #expect(difference.problem == .head && difference.topic == .status && difference.offset == Int64(index) * 2)
    #expect(difference.message.contains("observedGeneration is 9, but the events lead to 2"))
    #expect(try history.audit(History.storage).difference == nil, "the other document is as it should be")
  }

  @Test("Figures that no event tells of are no difference") func progress() throws {
    var history = History.long
    history.show(Progress(topics: [TopicProgress(target: "orders-copy")]), of: History.orders)
    #expect(try history.audit().difference == nil)
  }

  @Test("A record that is missing, and one that came back from the dead, are found") func wrongKeys() throws {
    var missing = History.long
    let storage = RecordKey.resource(History.storage).bytes
    missing.remove(.status) { $0.key == storage }
    var difference = try #require(try missing.audit().difference)
    #expect(difference.problem == .head && difference.key == .resource(History.storage))
    #expect(difference.topic == .events && difference.offset == 2)
    var undead = History.long
    let gone = RecordKey.resource(ResourceKey(.restore, name: "gone")).bytes
    for topic in [ControlTopic.specs, .status] { undead.remove(topic) { $0.key == gone && $0.value == nil } }
    difference = try #require(try undead.audit().difference)
    #expect(difference.problem == .head && difference.message.contains("the events lead to nothing"))
  }

  @Test("A record that follows an event which isn't there is found") func ahead() throws {
    var history = History.long
    let last = try #require(history.events.last)
    history.remove(.events) { $0.offset == last.offset }
    let difference = try #require(try history.audit().difference)
    #expect(difference.problem == .missingEvent && difference.topic == .specs || difference.topic == .status)
  }

  @Test("What a timer forgot is no difference, and a replay forgets it at the same event") func forgetting() throws {
    let gone = ResourceKey(.restore, name: "gone")
    for forgets in [true, false] {
      var history = History.long
      #expect(history.state.deleted[gone]?.commandIDs == ["g1", "g2"])
      history.wait(milliseconds: DeletedResource.rememberedForMilliseconds + 1)
      if forgets { history.forget() }
      #expect(try history.audit().difference == nil)
      history.send(gone, #"{"command":"Create","id":"g1","spec":{"source":"a","sink":"b"}}"#)
      #expect(history.state.resources[gone]?.status.controller.commandIDs == ["g1"])
      #expect(try history.audit().difference == nil)
    }
    var early = History.long
    early.remove(.status) { $0.key == RecordKey.deleted(gone).bytes }
    #expect(try early.audit().difference?.key == .deleted(gone))
  }
}

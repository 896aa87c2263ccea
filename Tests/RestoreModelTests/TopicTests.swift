import RestoreModel
import Testing

@Suite("Mapping topics")
struct TopicTests {
  @Test("Mapping the first topic of an enabled Restore starts it")
  func firstTopic() {
    var scenario = Scenario.at(.enabledDraft)
    #expect(scenario.send(.mapTopic(TopicMapping(source: "a", target: "b"))).types == ["TopicMapped", "RunStarted"])
  }

  @Test("A mapping is replaced by one of the same source and target; a target of another source is refused")
  func remapping() {
    var scenario = Scenario.at(.ready)
    var mapping = TopicMapping(source: "b", target: "b")
    #expect(scenario.send(.mapTopic(mapping)).types == ["CommandUnchanged"])
    mapping.disablePreflightChecks = true
    #expect(scenario.send(.mapTopic(mapping)).types == ["TopicMapped"])
    #expect(scenario.restore?.restoreSpec?.config.topics[1] == mapping)
    let rejection = scenario.send(.mapTopic(TopicMapping(source: "c", target: "b"))).rejection
    #expect(rejection?.reason == .alreadyExists)
    #expect(rejection?.description == "target: \"b\" is already the target of topics[1], from \"b\"")
  }

  @Test("One source may feed several targets")
  func severalTargets() {
    var scenario = Scenario.at(.ready)
    #expect(scenario.send(.mapTopic(TopicMapping(source: "a", target: "a-2"))).types == ["TopicMapped"])
  }

  @Test("Unmapping the last topic makes a Draft; what isn't mapped can't be unmapped")
  func unmapping() {
    var scenario = Scenario.at(.ready)
    for topic in ["a", "b", "c"] as [TopicName] { scenario.send(.unmapTopic(target: topic)) }
    #expect(scenario.phase == .draft)
    #expect(scenario.send(.unmapTopic(target: "a")).rejection?.reason == .notFound)
  }

  @Test("An import maps what matches and isn't mapped, in order, in one decision, and starts once")
  func importing() {
    var scenario = Scenario.at(.enabledDraft)
    let events = scenario.send(
      .importTopics(glob: "x*", prefix: "p-", suffix: "-s"), archived: .success(["x2", "a", "x1", "x2"]))
    #expect(events.types == ["TopicMapped", "TopicMapped", "RunStarted"])
    #expect(events.map(\.outcome) == [true, false, false])
    #expect(scenario.restore?.restoreSpec?.config.topics.map(\.target) == ["p-x1-s", "p-x2-s"])
    #expect(scenario.restore?.restoreSpec?.config.topics.map(\.source) == ["x1", "x2"])
  }

  @Test("An import with nothing new changes nothing; one that can't list the archive says why")
  func importingNothing() {
    var scenario = Scenario.at(.ready)
    let command = Command.importTopics(glob: nil, prefix: "", suffix: "")
    #expect(scenario.send(command, archived: .success(["a", "c"])).types == ["CommandUnchanged"])
    let fault = Rejection(.unavailable, "store: no such directory")
    #expect(scenario.send(command, archived: .failure(fault)).rejection == fault)
    #expect(scenario.send(command).rejection?.reason == .unavailable)
  }

  @Test("An import that would give a target a second source, or an illegal name, maps nothing")
  func importingCollisions() {
    var scenario = Scenario()
    scenario.send(.create(Scenario.document(topics: ["p-x"], enabled: false)))
    let before = scenario.restore?.spec
    let collision = scenario.send(
      .importTopics(glob: nil, prefix: "p-", suffix: ""), archived: .success(["x", "y"]))
    #expect(collision.rejection?.reason == .invalid)
    let illegal = scenario.send(.importTopics(glob: nil, prefix: "p/", suffix: ""), archived: .success(["y", "z"]))
    #expect(illegal.rejection?.errors.map(\.path) == ["config.topics[1].target", "config.topics[2].target"])
    #expect(scenario.restore?.spec == before)
  }

  @Test(
    "Globs match as a shell's do",
    arguments: [
      ("*", "", true), ("*", "abc", true), ("a*c", "abbbc", true), ("a*c", "abbb", false), ("a?c", "abc", true),
      ("a?c", "ac", false), ("a.c", "abc", false), ("*a*a*", "banana", true), ("*x", "yyyyx", true), ("", "", true),
      ("", "a", false), ("abc", "abc", true), ("abc", "abcd", false), ("**", "z", true), ("a*b*c", "aXbYbZc", true),
    ])
  func globs(pattern: String, name: String, matches: Bool) {
    var scenario = Scenario.at(.draft)
    let events = scenario.send(
      .importTopics(glob: pattern, prefix: "t", suffix: ""), archived: .success([TopicName(name)]))
    // The empty name matches or not; mapped it can't be.
    let expected = matches ? (name.isEmpty ? "CommandRejected" : "TopicMapped") : "CommandUnchanged"
    #expect(events.types == [expected])
  }
}

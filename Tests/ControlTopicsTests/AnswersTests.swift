import ControlTopics
import RestoreModel
import Testing

/// The table on the page of `commands`, made from the decisions themselves.
@Suite("What each command does in each state") struct AnswersTests {
  static let key = ResourceKey(.restore, name: "orders")

  /// A Restore brought into a phase as it comes there in life.
  private struct Subject {
    var state = ControlState()
    var offset: Int64 = 0

    init(_ phase: Phase?) {
      apply(ResourceKey(.storage, name: "cold"), .storage(.volume(path: "/archive")))
      apply(
        ResourceKey(.eventHub, name: "kafka"),
        .eventHub(EventHubSpec(properties: ["bootstrap.servers": "k:9092"])))
      guard let phase else { return }
      create(phase)
      guard phase.isUnfinished || phase == .done else { return }
      let lane = LaneID(0)
      answer(.enable)
      if phase == .initializing { return }
      let topics = ["a-copy", "b-copy"] as [TopicName]
      report(
        .planned(
          RunPlan(
            lanes: [PlannedLane(id: lane, topics: topics, maxMessageBytes: 1)], archiveDigest: "",
            topics: topics.map { TopicProgress(target: $0, lane: lane) })))
      report(.preflightPassed(PreflightReport()))
      report(.positioned(lane))
      switch phase {
      case .paused:
        answer(.disable)
        report(.sealed(lane, warning: nil))
      case .failed: report(.failed(RunFault(reason: "SinkUnreachable", message: "")))
      case .done: for topic in topics { report(.topicRestored(topic, lane, Figures())) }
      default: break
      }
    }

    private mutating func create(_ phase: Phase) {
      var spec = RestoreSpec(source: phase == .invalid ? "missing" : "cold", sink: "kafka")
      if phase != .draft {
        spec.config.topics = ["a", "b"].map { TopicMapping(source: TopicName($0), target: TopicName("\($0)-copy")) }
      }
      apply(AnswersTests.key, .restore(spec))
    }

    private mutating func apply(_ key: ResourceKey, _ spec: ResourceSpec) {
      answer(.apply(ResourceDocument(key: key, spec: spec)), key)
    }

    @discardableResult mutating func answer(_ command: Command, _ key: ResourceKey = AnswersTests.key) -> [EventDraft] {
      offset += 1
      let time = Instant(milliseconds: offset)
      var input = CommandInput(
        offset: offset, time: time, key: key, newUID: UID("\(offset)"), command: .success(command))
      input.archivedTopics = .success(["a", "b", "c"])
      return take(state.decide(input), .command(offset: offset, id: nil), time)
    }

    private mutating func report(_ content: Fact.Content) {
      guard let status = state.resources[AnswersTests.key]?.status else { return }
      let fact = Fact(
        key: AnswersTests.key, uid: status.uid, run: status.run, claim: status.controller.claim, content: content)
      offset += 1
      let time = Instant(milliseconds: offset)
      take(state.decide(fact, at: time), .fact(fact.name), time)
    }

    @discardableResult private mutating func take(
      _ drafts: [EventDraft], _ cause: Event.Cause, _ time: Instant
    ) -> [EventDraft] {
      for draft in drafts { _ = state.record(draft, time: time, cause: cause, epoch: 1, commandsThrough: offset) }
      return drafts
    }

    /// The spec as it stands, or one that could be created.
    func edited(_ edit: (inout RestoreSpec) -> Void) -> RestoreSpec {
      var spec = state.resources[AnswersTests.key]?.restoreSpec ?? RestoreSpec(source: "cold", sink: "kafka")
      edit(&spec)
      return spec
    }
  }

  private static let commands: [(name: String, make: @Sendable (Subject) -> Command)] = [
    ("Create", { .create(ResourceDocument(key: key, spec: .restore($0.edited { _ in }))) }),
    (
      "Apply, parallelism edited",
      { .apply(ResourceDocument(key: key, spec: .restore($0.edited { $0.config.parallelism = 5 }))) }
    ),
    ("Configure, parallelism", { .configure(.restore($0.edited { $0.config.parallelism = 5 })) }),
    ("Configure, throttle", { .configure(.restore($0.edited { $0.config.throttleBytesPerSecond = 5 })) }),
    ("MapTopic", { _ in .mapTopic(TopicMapping(source: "c", target: "c-copy")) }),
    ("UnmapTopic", { _ in .unmapTopic(target: "a-copy") }),
    ("ImportTopics, one new", { _ in .importTopics(glob: nil, prefix: "", suffix: "-copy") }),
    ("Enable, Resume", { _ in .enable }), ("Disable, Pause", { _ in .disable }), ("Retry", { _ in .retry }),
    ("Restart", { _ in .restart }), ("Delete", { _ in .delete }),
  ]

  private static func cell(_ drafts: [EventDraft]) -> String {
    var words: [String] = []
    for draft in drafts {
      if case .commandRejected(let rejection) = draft.content { return "*\(rejection.reason.rawValue)*" }
      if draft.key == key, !words.contains(draft.content.type) { words.append(draft.content.type) }
    }
    return words == ["CommandUnchanged"] ? "–" : words.joined(separator: ", ")
  }

  private static func table() throws -> String {
    let phases: [Phase?] = [nil] + Phase.allCases
    var lines = ["| | \(phases.map { $0?.rawValue ?? "none" }.joined(separator: " | ")) |"]
    lines.append("|---|" + phases.map { _ in "---|" }.joined())
    for (name, make) in commands {
      let cells = try phases.map { phase in
        var subject = Subject(phase)
        try #require(subject.state.resources[key]?.status.phase == phase)
        return cell(subject.answer(make(subject)))
      }
      lines.append("| \(name) | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }

  @Test("The page says what the code decides") func page() throws {
    let page = try #require(ContractFile.named("commands.md")).text
    let table = try Self.table()
    let begin = "<!-- generated: a test compares this table with the decisions of the code -->"
    #expect(page.contains("\(begin)\n\n\(table)\n\n<!-- end -->"), "write into topics/commands.md:\n\(table)")
  }
}

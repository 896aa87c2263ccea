import RestoreModel
import Testing

@Suite("Progress")
struct ProgressTests {
  private static func progress(_ restored: Int64, of topic: TopicName = "a", lane: Int = 0) -> Fact.Content {
    var figures = Figures()
    figures.recordsTotal = 100
    figures.recordsRestored = restored
    return .progress(LaneID(lane), [TopicProgress(target: topic, state: .restored, figures: figures)])
  }

  private static func fact(_ scenario: Scenario, _ content: Fact.Content) -> Fact {
    Fact(
      key: Scenario.orders, uid: scenario.status?.uid ?? UID(""), run: 1,
      claim: scenario.status?.controller.claim ?? .none, content: content)
  }

  @Test("Figures are taken over without an event; that a topic is restored only the event says")
  func figures() {
    var scenario = Scenario.at(.allPositioned)
    let sequence = scenario.state.sequence
    #expect(scenario.state.record(progress: Self.fact(scenario, Self.progress(40))) == true)
    #expect(scenario.status?.progress?.topics[0].figures.recordsRestored == 40)
    #expect(scenario.status?.progress?.topics[0].state == .restoring)
    #expect(scenario.state.sequence == sequence)
    #expect(scenario.state.record(progress: Self.fact(scenario, Self.progress(40))) == false, "nothing new")
  }

  @Test("Stale figures, those of another lane and those of a restored topic are dropped")
  func stale() {
    var scenario = Scenario.at(.allPositioned)
    var other = Self.fact(scenario, Self.progress(1))
    other.claim = Claim(9)
    #expect(scenario.state.record(progress: other) == false)
    #expect(scenario.state.record(progress: Self.fact(scenario, Self.progress(1, of: "c", lane: 0))) == false)
    #expect(scenario.state.record(progress: Self.fact(scenario, .superseded(LaneID(0)))) == false)
    scenario.report(.topicRestored("a", LaneID(0), Figures()))
    #expect(scenario.state.record(progress: Self.fact(scenario, Self.progress(1))) == false)
    for stage in [Stage.failed, .paused, .done, .restarting] {
      var scenario = Scenario.at(stage)
      #expect(scenario.state.record(progress: Self.fact(scenario, Self.progress(1))) == false, "\(stage)")
    }
  }

  @Test("100 percent is said only of the whole")
  func percent() {
    var figures = Figures()
    figures.recordsTotal = 1000
    figures.recordsRestored = 998
    figures.recordsFiltered = 1
    var progress = Progress(topics: [TopicProgress(target: "a", figures: figures)])
    #expect(progress.percent == 99)
    figures.recordsFiltered = 2
    progress.topics[0].figures = figures
    #expect(progress.percent == 100)
    #expect(Progress(topics: [TopicProgress(target: "a")]).percent == 0)
    #expect(Progress(topics: [TopicProgress(target: "a", state: .restored)]).percent == 100)
    #expect(progress.secondsLeft == nil)
    progress.recordsPerSecond = 10
    progress.topics[0].figures.recordsRestored = 898
    #expect(progress.secondsLeft == 10)
  }

  @Test("Rates belong to the run in progress")
  func rates() {
    var scenario = Scenario.at(.allPositioned)
    scenario.state.record(recordsPerSecond: 7, bytesPerSecond: 70, of: Scenario.orders)
    #expect(scenario.status?.progress?.recordsPerSecond == 7)
    #expect(scenario.status?.progress?.bytesPerSecond == 70)
  }
}

@Suite("Counts of schema ids")
struct SchemaCountsTests {
  @Test("Of many ids the first are kept by name, all are counted, and sums lose none")
  func bounded() {
    var counts = SchemaCounts()
    for id in 0..<Int32(80) { for _ in 0..<2 { counts.meet(id) } }
    counts.unframedRecords = 3
    #expect(counts.unmapped.count == SchemaCounts.limit && counts.unmappedTotal == 160)
    var sum = counts
    sum.add(counts)
    #expect(sum.unmapped[0] == 4 && sum.unmappedTotal == 320 && sum.unframedRecords == 6)
    #expect(SchemaCounts().isEmpty && !sum.isEmpty)
  }
}

@Suite("Counts of batches")
struct BatchCountsTests {
  @Test("Figures add batches up, by the reason that opened them")
  func sum() {
    var figures = Figures()
    figures.batches.unopened = 1204
    figures.batches.opened = [.bounds: 2]
    var other = Figures()
    other.batches.merged = 31
    other.batches.opened = [.bounds: 1, .gaps: 4]
    figures.add(other)
    #expect(figures.batches.unopened == 1204 && figures.batches.merged == 31)
    #expect(figures.batches.opened == [.bounds: 3, .gaps: 4])
  }

  @Test("Any batch at all is something to tell", arguments: OpenedReason.allCases)
  func empty(reason: OpenedReason) {
    var counts = BatchCounts()
    counts.opened = [reason: 0]
    #expect(counts.isEmpty)
    counts.opened = [reason: 1]
    #expect(!counts.isEmpty)
    counts = BatchCounts()
    counts.merged = 1
    #expect(!counts.isEmpty)
    counts.merged = 0
    counts.unopened = 1
    #expect(!counts.isEmpty)
  }
}

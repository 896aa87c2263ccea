import RestoreModel
import Testing

@testable import ControlPlane

@Suite("Progress in the status")
struct ProgressTests {
  private let key = ResourceKey(.restore, name: "orders")

  private func report(_ records: Int64, lane: Int) -> Fact {
    var figures = Figures()
    figures.recordsRestored = records
    let topic = TopicProgress(target: TopicName("t\(lane)"), lane: LaneID(lane), state: .restoring, figures: figures)
    return Fact(key: key, uid: UID("u"), run: 1, claim: Claim(1), content: .progress(LaneID(lane), [topic]))
  }

  private var state: ControlState {
    var state = ControlState()
    state.resources[key] = Resource(
      metadata: Metadata(
        name: "orders", namespace: "default", uid: UID("u"), generation: 1,
        creationTimestamp: Instant(milliseconds: 0)),
      spec: .restore(RestoreSpec(source: "a", sink: "b")), status: ResourceStatus(uid: UID("u"), observedGeneration: 1))
    return state
  }

  @Test("1,000 reports within five seconds are shown in six status records, the latest of each lane in every one")
  func coalesced() {
    let inbox = Inbox()
    inbox.open {}
    var board = ProgressBoard(interval: 1000)
    var shown: [(time: Int64, facts: [Fact])] = []
    func comeBy(at time: Int64) {
      board.add(inbox.take().progress)
      let due = board.takeDue(at: Instant(milliseconds: time), touched: [])
      guard !due.isEmpty else { return }
      shown.append((time, due))
      board.wrote([key], at: Instant(milliseconds: time), in: state)
    }
    for number in 0..<1000 {
      inbox.put(report(Int64(number), lane: number % 2))
      // The owner's loop has other things to do, too.
      if number % 20 == 19 { comeBy(at: Int64(number) * 5) }
    }
    for time in stride(from: Int64(5000), through: 7000, by: 100) { comeBy(at: time) }
    #expect(shown.count == 6)
    #expect(zip(shown, shown.dropFirst()).allSatisfy { $1.time - $0.time >= 1000 })
    #expect(shown.allSatisfy { $0.facts.count == 2 })
    #expect(
      shown.last?.facts == [report(998, lane: 0), report(999, lane: 1)], "what was reported last is shown in the end")
  }

  @Test("What is written anyway takes the latest figures with it, however recently others were shown")
  func touched() {
    var board = ProgressBoard(interval: 1000)
    board.wrote([key], at: Instant(milliseconds: 100), in: state)
    board.add([Inbox.ProgressSource(key: key, lane: LaneID(0)): report(5, lane: 0)])
    #expect(board.takeDue(at: Instant(milliseconds: 200), touched: []).isEmpty)
    #expect(board.takeDue(at: Instant(milliseconds: 200), touched: [key]) == [report(5, lane: 0)])
  }
}

import ControlTopics
import Kafka
import KafkaLog
import RestoreModel
import Testing

@Suite("Picking answers out of the events")
struct OutcomeCollectorTests {
  private func key(_ number: Int) -> ResourceKey { ResourceKey(.restore, name: "r\(number)") }

  private func event(_ offset: Int64, id: String?, _ key: ResourceKey, outcome: Bool = true) -> EventRecord {
    EventRecord(
      offset: offset,
      event: Event(
        key: key, uid: nil, run: nil, generation: nil, sequence: offset + 1, epoch: 1, time: Instant(milliseconds: 0),
        cause: .command(offset: offset, id: id), commandsThrough: offset, outcome: outcome,
        content: .commandUnchanged(message: "")),
      stateHash: nil)
  }

  private func offsets(_ answers: [CommandAnswer]) -> [Int64?] {
    answers.map { answer in
      if case .decided(let decided) = answer { decided.offset } else { nil }
    }
  }

  @Test("Answers stand in the order of the commands, among other people's, whole decisions only") func order() {
    let count = 10_000
    var collector = OutcomeCollector(
      (0..<count).map { OutcomeCollector.Expected(key: key($0), id: "c\($0)", sent: .success(Int64(2 * $0))) })
    for number in 0..<count {
      let offset = Int64(2 * number)
      collector.take(event(offset, id: "c\(number)", key(number)))
      collector.take(event(offset, id: "c\(number)", key(number), outcome: false))
      #expect(collector.open == count - number)
      collector.take(event(offset + 1, id: "somebody", key(number)))
    }
    #expect(collector.isComplete)
    let answers = collector.answers(in: "commands")
    #expect(offsets(answers) == (0..<count).map { Int64(2 * $0) })
    for case .decided(let decided) in answers where decided.events.count != 2 || !decided.outcome.event.outcome {
      Issue.record("\(decided)")
    }
  }

  @Test("The last decision is complete at the end of what is there, and not before") func end() {
    var collector = OutcomeCollector([.init(key: key(1), id: "a", sent: .success(5))])
    collector.reachedEnd()
    collector.take(event(5, id: "a", key(1)))
    #expect(!collector.isComplete)
    collector.reachedEnd()
    #expect(collector.isComplete)
    collector.take(event(5, id: "a", key(1)))
    #expect(collector.open == 0)
  }

  @Test("A command whose offset nobody told is found by its id and key; one that wasn't sent is waited for by nobody")
  func unknown() {
    var collector = OutcomeCollector([
      .init(key: key(1), id: "a", sent: .success(nil)),
      .init(key: key(2), id: "a", sent: .failure(KafkaError(.messageTimedOut, "no broker"))),
      .init(key: key(3), id: "b", sent: .success(9)),
    ])
    #expect(collector.open == 2)
    collector.take(event(7, id: "a", key(2)))
    collector.take(event(8, id: "a", key(1)))
    collector.reachedEnd()
    #expect(collector.open == 1)
    let answers = collector.answers(in: "commands")
    #expect(offsets(answers) == [8, nil, nil])
    guard case .unsent = answers[1], case .undecided(let undecided) = answers[2] else {
      Issue.record("\(answers)")
      return
    }
    #expect(undecided.offset == 9)
  }
}

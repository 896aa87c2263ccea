import RestoreModel
import Testing
import Seeded

@Suite("Planning lanes")
struct LanePlannerTests {
  @Test("One producer: a lane for each message size, in the order of the document")
  func classes() {
    let lanes = LanePlanner.lanes(for: [("a", 1), ("b", 2), ("c", 1), ("d", 3)], maxProducers: 1)
    #expect(
      lanes == [
        PlannedLane(id: LaneID(0), topics: ["a", "c"], maxMessageBytes: 1),
        PlannedLane(id: LaneID(1), topics: ["b"], maxMessageBytes: 2),
        PlannedLane(id: LaneID(2), topics: ["d"], maxMessageBytes: 3),
      ])
  }

  @Test("A class is split evenly up to the producers; unlimited means one a topic")
  func splits() {
    let targets = (0..<5).map { (target: TopicName("t\($0)"), maxMessageBytes: Int64(1)) }
    #expect(LanePlanner.lanes(for: targets, maxProducers: 2).map(\.topics) == [["t0", "t2", "t4"], ["t1", "t3"]])
    #expect(LanePlanner.lanes(for: targets, maxProducers: 0).map(\.topics.count) == [1, 1, 1, 1, 1])
    #expect(LanePlanner.lanes(for: targets, maxProducers: 9).count == 5)
    #expect(LanePlanner.lanes(for: [], maxProducers: 3).isEmpty)
  }

  @Test("Every topic has one lane, of its size; lanes of a class differ by one topic at most", arguments: 0..<50)
  func properties(seed: Int) {
    var generator = SeededGenerator(UInt64(seed))
    let targets = (0..<Int.random(in: 0...30, using: &generator)).map {
      (target: TopicName("t\($0)"), maxMessageBytes: Int64.random(in: 1...4, using: &generator))
    }
    let maxProducers = Int.random(in: 0...6, using: &generator)
    let lanes = LanePlanner.lanes(for: targets, maxProducers: maxProducers)
    #expect(lanes.map(\.id.number) == Array(0..<lanes.count), "seed \(seed)")
    #expect(lanes.flatMap(\.topics).sorted() == targets.map(\.target).sorted(), "seed \(seed)")
    let sizes = Dictionary(uniqueKeysWithValues: targets.map { ($0.target, $0.maxMessageBytes) })
    for lane in lanes { #expect(lane.topics.allSatisfy { sizes[$0] == lane.maxMessageBytes }, "seed \(seed)") }
    for bytes in Set(sizes.values) {
      let counts = lanes.filter { $0.maxMessageBytes == bytes }.map(\.topics.count)
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "seed \(seed)")
      if maxProducers > 0 { #expect(counts.count <= maxProducers, "seed \(seed)") }
    }
  }
}

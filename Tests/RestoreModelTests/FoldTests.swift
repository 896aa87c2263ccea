import ControlTopics
import RestoreModel
import Testing
import Seeded

/// `specs` and `status` as a random walk leaves them, and as Kafka's cleaner leaves those.
@Suite("Folding a compacted log gives what folding the whole one gives") struct FoldTests {
  /// What the walk recorded, and the state it led to.
  struct Recorded {
    var log: [ControlRecord] = []
    var state = ControlState()
    private var encoder = RecordEncoder(installation: "i", epoch: 0)
    private var next: [ControlTopic: Int64] = [:]

    init(seed: UInt64) {
      _ = RandomWalkTests.walk(seed: seed) { before, scenario, _ in
        append(from: before, to: scenario.state)
      }
    }

    private mutating func append(from before: ControlState, to after: ControlState) {
      // The walk's own first owner took over before its first move.
      let before = log.isEmpty ? ControlState() : before
      if encoder.epoch != after.epoch { encoder = RecordEncoder(installation: "i", epoch: after.epoch) }
      let keys = Set(before.resources.keys).union(after.resources.keys).union(before.deleted.keys)
        .union(after.deleted.keys)
      for record in encoder.changes(from: before, to: after, keys: keys) {
        let offset = next[record.topic, default: 0]
        next[record.topic] = offset + 1
        log.append(ControlRecord(record, offset: offset, timestamp: 0))
      }
      state = after
    }
  }

  @Test("Whatever was compacted when, in whichever order the topics are read", arguments: 1...12 as ClosedRange<UInt64>)
  func compaction(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let recorded = Recorded(seed: seed)
    #expect(recorded.log.count > 100, "seed \(seed)")
    try check(recorded.log, recorded.state, "seed \(seed), the whole log")
    for round in 0..<4 {
      var log = recorded.log
      for _ in 0...Int.random(in: 0..<4, using: &generator) { log = Self.compacted(log, &generator) }
      #expect(log.count < recorded.log.count, "seed \(seed), round \(round)")
      try check(log, recorded.state, "seed \(seed), round \(round)")
    }
  }

  @Test(
    "A reader whom the cleaner overtakes finds the same, as long as tombstones stay",
    arguments: 1...12 as ClosedRange<UInt64>)
  func overtaken(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let recorded = Recorded(seed: seed)
    for round in 0..<4 {
      let read = Int.random(in: 0...recorded.log.count, using: &generator)
      let rest = Set(recorded.log[read...].map(Place.init))
      let cleaned = Self.compacted(recorded.log, &generator, dropsTombstones: false)
      let log = recorded.log[..<read] + cleaned.filter { rest.contains(Place($0)) }
      try check(Array(log), recorded.state, "seed \(seed), round \(round), read \(read)")
    }
  }

  private struct Place: Hashable {
    var topic: ControlTopic
    var offset: Int64
    init(_ record: ControlRecord) { (topic, offset) = (record.topic, record.offset) }
  }

  private func check(_ log: [ControlRecord], _ state: ControlState, _ note: String) throws {
    let orders: [[ControlRecord]] = [
      log, log.filter { $0.topic == .specs } + log.filter { $0.topic == .status },
      log.filter { $0.topic == .status } + log.filter { $0.topic == .specs },
    ]
    for records in orders {
      var decoder = StateDecoder()
      for record in records { try decoder.apply(record) }
      try decoder.finish()
      #expect(decoder.state.resources == state.resources, "\(note)")
      #expect(decoder.state.deleted == state.deleted, "\(note)")
      #expect(decoder.state.epoch == state.epoch, "\(note)")
    }
  }

  /// What the cleaner does: up to some offset of each topic only the last record of a key stays, and of tombstones only the younger ones.
  private static func compacted(
    _ log: [ControlRecord], _ generator: inout SeededGenerator, dropsTombstones: Bool = true
  ) -> [ControlRecord] {
    var kept: Set<Place> = []
    for topic in [ControlTopic.specs, .status] {
      let records = log.filter { $0.topic == topic }
      let clean = Int.random(in: records.count / 4...records.count, using: &generator)
      let old = dropsTombstones ? Int.random(in: 0...clean, using: &generator) : 0
      var last: [[UInt8]?: Int] = [:]
      for (index, record) in records[..<clean].enumerated() { last[record.key] = index }
      for (index, record) in records.enumerated() {
        let isLast = index >= clean || last[record.key] == index
        if isLast, record.value != nil || index >= old { kept.insert(Place(record)) }
      }
    }
    return log.filter { kept.contains(Place($0)) }
  }
}

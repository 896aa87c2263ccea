import ControlTopics
import JSON
import RestoreModel
import Testing

/// Anybody may write to `commands`, and anything may be found in the other topics after an accident: reading is total.
@Suite("Arbitrary bytes") struct FuzzTests {
  private func mutated(_ bytes: [UInt8], _ arbitrary: inout Arbitrary) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<arbitrary.int(1...4) {
      guard !bytes.isEmpty else { return bytes }
      let place = arbitrary.int(0...bytes.count - 1)
      switch arbitrary.int(0...4) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: arbitrary.next())
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(arbitrary.element(Array("{}[]\",:0-".utf8)), at: place)
      case 3: bytes.removeSubrange(place...)
      default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
      }
    }
    return bytes
  }

  private func check(_ record: ControlRecord, _ state: ControlState, _ seed: Int) throws {
    switch record.topic {
    case .commands:
      var state = state
      let input = try CommandCodec.decode(record, state: state)
      let drafts = state.decide(input)
      #expect(drafts.filter(\.outcome).count == 1, "seed \(seed)")
      for draft in drafts {
        let event = state.record(
          draft, time: input.time, cause: .command(offset: 0, id: input.id), epoch: 1, commandsThrough: 0)
        let sent = RecordEncoder(installation: "i", epoch: 1).event(event, stateHash: nil)
        // Answers are written to our own topics, where nothing may be that can't be read.
        #expect(try EventRecord.decode(ControlRecord(sent, offset: 0, timestamp: 0)).event == event, "seed \(seed)")
      }
    case .events: _ = try? EventRecord.decode(record)
    case .specs, .status:
      var decoder = StateDecoder()
      try? decoder.apply(record)
      try? decoder.finish()
    }
  }

  @Test("Mutated examples are read or refused, and every command has its outcome", arguments: 0..<40)
  func mutations(seed: Int) throws {
    var arbitrary = Arbitrary(seed: seed)
    let state = CommandTests.state(RestoreSpec(source: "a", sink: "b"))
    for topic in ControlTopic.allCases {
      for example in try Example.all(topic) {
        var record = example.record
        if arbitrary.int(0...3) > 0 { record.value = record.value.map { mutated($0, &arbitrary) } }
        if arbitrary.int(0...5) == 0 { record.key = record.key.map { mutated($0, &arbitrary) } }
        if arbitrary.int(0...5) == 0, let index = record.headers.indices.last { record.headers[index].value = nil }
        try check(record, state, seed)
      }
    }
  }

  @Test("Random bytes are refused", arguments: 0..<200) func noise(seed: Int) throws {
    var arbitrary = Arbitrary(seed: seed)
    let state = CommandTests.state(RestoreSpec(source: "a", sink: "b"))
    for topic in ControlTopic.allCases {
      let bytes = arbitrary.list(0...64) { UInt8(truncatingIfNeeded: $0.next()) }
      let key =
        arbitrary.bool()
        ? arbitrary.list(0...32) { UInt8(truncatingIfNeeded: $0.next()) } : Array("restores/default/a".utf8)
      let record = ControlRecord(topic: topic, offset: 0, timestamp: 0, key: key, value: bytes)
      try check(record, state, seed)
    }
  }
}

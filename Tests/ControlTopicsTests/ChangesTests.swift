import ControlTopics
import JSON
import RestoreModel
import Testing

/// The commands of the contract's examples, decided and recorded as the owner does it.
@Suite("What a decision records") struct ChangesTests {
  @Test("Folding specs and status gives the state that was decided on, at every point, also after compaction")
  func fold() throws {
    var state = ControlState()
    state.installation = GoldenTests.installation
    var encoder = RecordEncoder(installation: GoldenTests.installation, epoch: 1)
    var log: [ControlRecord] = [ControlRecord(encoder.installation(sequence: 0), offset: 0, timestamp: 0)]
    for example in try Example.all(.commands) {
      let before = state
      let input = try CommandCodec.decode(example.record, state: state)
      for draft in state.decide(input) {
        let cause = Event.Cause.command(offset: input.offset, id: input.id)
        _ = state.record(draft, time: input.time, cause: cause, epoch: 1, commandsThrough: input.offset)
      }
      let keys = Set(input.key.map { [$0] } ?? [])
      for record in encoder.changes(from: before, to: state, keys: keys) {
        log.append(ControlRecord(record, offset: Int64(log.count), timestamp: 0))
      }
      for records in [log, compacted(log)] {
        var decoder = StateDecoder()
        for record in records { try decoder.apply(record) }
        try decoder.finish()
        #expect(decoder.state.resources == state.resources, "after \(example)")
        #expect(decoder.state.deleted == state.deleted, "after \(example)")
      }
    }
    #expect(log.count > 20)
  }

  private func compacted(_ log: [ControlRecord]) -> [ControlRecord] {
    log.enumerated().filter { index, record in
      !log[(index + 1)...].contains { $0.topic == record.topic && $0.key == record.key }
    }.map(\.element)
  }

  @Test("Nothing changed: nothing is written") func nothing() {
    var encoder = RecordEncoder(installation: "i", epoch: 1)
    let state = CommandTests.state(RestoreSpec(source: "a", sink: "b"))
    #expect(encoder.changes(from: state, to: state, keys: [CommandTests.key]) == [])
  }

  @Test("A change of the status alone leaves specs alone, a change of the spec writes both") func topics() {
    var encoder = RecordEncoder(installation: "i", epoch: 1)
    let before = CommandTests.state(RestoreSpec(source: "a", sink: "b"))
    var after = before
    after.resources[CommandTests.key]?.status.warnings = ["w"]
    #expect(encoder.changes(from: before, to: after, keys: [CommandTests.key]).map(\.topic) == [.status])
    after = before
    after.resources[CommandTests.key]?.metadata.labels = ["l": "1"]
    #expect(encoder.changes(from: before, to: after, keys: [CommandTests.key]).map(\.topic) == [.specs, .status])
  }

  @Test(
    "A status stays small with 10,000 partitions: what their archives reached is a record of its own, and folds back")
  func manyPartitions() throws {
    var encoder = RecordEncoder(installation: "i", epoch: 1)
    let key = CommandTests.key
    var states = [CommandTests.state(RestoreSpec(source: "a", sink: "b"))]
    func next(_ change: (inout ResourceStatus) -> Void) {
      var state = states[states.count - 1]
      state.sequence += 1
      if var resource = state.resources[key] {
        change(&resource.status)
        state.resources[key] = resource
      }
      states.append(state)
    }
    func sources(_ partitions: Int) -> [PlannedSource] {
      [PlannedSource(topic: "wide", ends: (0..<partitions).map { Int64($0) * 1_000_003 })]
    }
    next {
      $0.run = 1
      $0.controller.sources = sources(10_000)
    }
    next { $0.phase = .restoring }
    next {
      $0.run = 2
      $0.controller.sources = []
    }
    next { $0.controller.sources = sources(256) }
    next { $0.controller.sources = sources(257) }
    states.append(states[states.count - 1])
    states[states.count - 1].resources[key] = nil

    var log = encoder.changes(from: ControlState(), to: states[0], keys: [key])
    var decoder = StateDecoder()
    for record in log { try decoder.apply(ControlRecord(record, offset: 0, timestamp: 0)) }
    var plans: [[Int]] = []
    for (before, after) in zip(states, states.dropFirst()) {
      let records = encoder.changes(from: before, to: after, keys: [key])
      log += records
      for record in records { try decoder.apply(ControlRecord(record, offset: Int64(log.count), timestamp: 0)) }
      #expect(decoder.state.resources == after.resources)
      let isPlan = { (record: OutgoingControlRecord) in record.key == RecordKey.plan(key).bytes }
      plans.append(records.filter(isPlan).map { $0.value?.count ?? 0 })
      for record in records where !isPlan(record) { #expect(record.value?.count ?? 0 < 6000) }
      // Whoever begins anew after compaction reads the last of each key.
      let kept = log.indices.filter { index in
        !log[(index + 1)...].contains { $0.key == log[index].key && $0.topic == log[index].topic }
      }
      var late = StateDecoder()
      for index in kept { try late.apply(ControlRecord(log[index], offset: Int64(index), timestamp: 0)) }
      #expect(late.state.resources == after.resources)
      #expect(try late.state.resources[key]?.stateHash() == after.resources[key]?.stateHash())
    }
    // Written with the plan and not again; gone with the next run, none for a few partitions, gone with the document.
    #expect(plans.map(\.count) == [1, 0, 1, 0, 1, 1])
    #expect(plans[0][0] > 100_000 && plans[2] == [0] && plans[5] == [0])
  }

  @Test("An owner's first change carries its epoch") func epoch() {
    var encoder = RecordEncoder(installation: "i", epoch: 7)
    var before = ControlState()
    before.installation = "i"
    var after = before
    after.epoch = 7
    let records = encoder.changes(from: before, to: after, keys: [])
    #expect(
      records.map { String(decoding: $0.value ?? [], as: UTF8.self) } == [
        #"{"installation":"i","version":1,"epoch":7}"#
      ])
  }

  @Test("A rejection always fits into its topic, whatever it quotes") func size() {
    let long = String(repeating: "é", count: 1_000_000)
    let rejection = Rejection(.invalid, long, errors: (0..<1000).map { _ in FieldProblem(long, long) })
    let event = Event(
      key: nil, uid: nil, run: nil, generation: nil, sequence: 1, epoch: 1, time: Instant(milliseconds: 0),
      cause: .command(offset: 0, id: nil), commandsThrough: 0, outcome: true, content: .commandRejected(rejection))
    let record = RecordEncoder(installation: "i", epoch: 1).event(event, stateHash: nil)
    #expect(record.largestBatchBytes < ControlTopicDefinition.of(.events).maxMessageBytes)
    #expect(throws: Never.self) { try EventRecord.decode(ControlRecord(record, offset: 0, timestamp: 0)) }
  }

  @Test("The bound of a record's size counts keys, values and headers") func bound() {
    let small = OutgoingControlRecord(topic: .events, key: [1], value: nil)
    let large = OutgoingControlRecord(topic: .events, key: [1, 2], value: [3], headers: [.init("name", [4, 5])])
    #expect(large.largestBatchBytes - small.largestBatchBytes >= 1 + 1 + 4 + 2)
    #expect(small.largestBatchBytes >= 61 + 1)
  }
}

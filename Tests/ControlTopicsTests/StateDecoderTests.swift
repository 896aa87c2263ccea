import ControlTopics
import RestoreModel
import Testing

@Suite("Folding specs and status") struct StateDecoderTests {
  static let time = Instant(milliseconds: 1000)

  private var resource: Resource {
    var arbitrary = Arbitrary(seed: 11)
    return arbitrary.resource(.storage)
  }

  private func record(_ sent: OutgoingControlRecord, _ offset: Int64) -> ControlRecord {
    ControlRecord(sent, offset: offset, timestamp: 0)
  }

  private func pair(_ resource: Resource, epoch: Int64 = 1, sequence: Int64 = 5) -> (ControlRecord, ControlRecord) {
    var encoder = RecordEncoder(installation: "i", epoch: epoch)
    return (
      record(encoder.spec(resource, sequence: sequence), sequence),
      record(encoder.status(resource, sequence: sequence, time: Self.time), sequence)
    )
  }

  private func refusal(of record: ControlRecord, by decoder: StateDecoder) -> CorruptLog? {
    var decoder = decoder
    do { try decoder.apply(record) } catch { return error }
    return nil
  }

  private func refusal(of committed: CommittedMetadata, by decoder: StateDecoder) -> CorruptLog? {
    var decoder = decoder
    do { try decoder.note(committed, offset: 8) } catch { return error }
    return nil
  }

  @Test("A document counts once both of its records are there, in whichever order") func pairs() throws {
    let (spec, status) = pair(resource)
    for order in [[spec, status], [status, spec]] {
      var decoder = StateDecoder()
      try decoder.apply(order[0])
      #expect(decoder.state.resources.isEmpty)
      #expect(throws: CorruptLog.self) { try decoder.finish() }
      try decoder.apply(order[1])
      #expect(decoder.state.resources == [resource.key: resource])
      try decoder.finish()
    }
  }

  @Test("Records of two incarnations are no pair") func incarnations() throws {
    var other = resource
    other.metadata.uid = UID("other")
    let (spec, _) = pair(resource)
    var decoder = StateDecoder()
    try decoder.apply(spec)
    other.status.uid = UID("other")
    try decoder.apply(pair(other).1)
    #expect(decoder.state.resources.isEmpty)
    #expect(throws: CorruptLog.self) { try decoder.finish() }
  }

  @Test("A status older than its spec means that the log ends too early") func torn() throws {
    var decoder = StateDecoder()
    try decoder.apply(pair(resource, sequence: 6).0)
    try decoder.apply(pair(resource, sequence: 5).1)
    #expect(throws: CorruptLog.self) { try decoder.finish() }
  }

  @Test("A tombstone stays a tombstone") func tombstones() throws {
    let (spec, status) = pair(resource)
    var encoder = RecordEncoder(installation: "i", epoch: 1)
    let gone = encoder.specTombstone(resource.key, sequence: 6)
    let goneToo = encoder.statusTombstone(resource.key, sequence: 6, time: Self.time)
    #expect(gone.value == nil && goneToo.value == nil)
    var decoder = StateDecoder()
    for each in [spec, status, record(gone, 6), record(goneToo, 6)] { try decoder.apply(each) }
    try decoder.finish()
    #expect(decoder.state.resources.isEmpty && decoder.version(of: resource.key) == nil)
  }

  @Test("A stale epoch halts, in each topic by itself") func staleEpoch() throws {
    var decoder = StateDecoder()
    try decoder.apply(pair(resource, epoch: 2).0)
    try decoder.apply(pair(resource, epoch: 1).1)
    let late = pair(resource, epoch: 1).0
    do {
      try decoder.apply(late)
      Issue.record("the record of a deposed owner was taken")
    } catch {
      #expect(error.problem == .staleEpoch && error.topic == .specs && error.offset == 5)
      #expect(error.described(in: TopicNaming()).hasPrefix("thaw.specs-0 at offset 5: "))
    }
    #expect(decoder.state.epoch == 2)
  }

  @Test("Another installation, or the end of the own one, halts") func installations() throws {
    let mine = record(RecordEncoder(installation: "mine", epoch: 0).installation(sequence: 0), 0)
    var other = record(RecordEncoder(installation: "other", epoch: 1).installation(sequence: 1), 1)
    var decoder = StateDecoder()
    try decoder.apply(mine)
    #expect(decoder.state.installation == "mine")
    #expect(refusal(of: other, by: decoder) != nil)
    other.value = nil
    #expect(refusal(of: other, by: decoder) != nil)
  }

  @Test("A newer version halts and says so") func newer() throws {
    for value in [#"{"version":2,"fly":true}"#, #"{"apiVersion":"kannika.io/v9","kind":"Restore"}"#] {
      var record = pair(resource).0
      record.value = Array(value.utf8)
      var decoder = StateDecoder()
      do {
        try decoder.apply(record)
        Issue.record("read")
      } catch {
        #expect(error.problem == .newerVersion)
      }
    }
  }

  @Test("What only the service may write is checked: key, headers, value") func foreign() {
    let (spec, status) = pair(resource)
    let changes: [(ControlRecord) -> ControlRecord] = [
      {
        var r = $0; r.key = nil; return r
      },
      {
        var r = $0; r.key = Array("invalid".utf8); return r
      },
      {
        var r = $0; r.key = Array("restores/default/another".utf8); r.topic = .specs; return r
      },
      {
        var r = $0; r.headers = []; return r
      },
      {
        var r = $0; r.value = Array("{}".utf8); return r
      },
      {
        var r = $0; r.value = []; return r
      },
      {
        var r = $0; r.value = Array("{".utf8); return r
      },
    ]
    for change in changes {
      for original in [spec, status] {
        #expect(refusal(of: change(original), by: StateDecoder()) != nil)
      }
    }
  }

  @Test("Ids remembered after a deletion, and conditions of the service, are kept") func others() throws {
    var encoder = RecordEncoder(installation: "i", epoch: 1)
    let memory = DeletedResource(commandIDs: ["a", "b"], deletedAt: Self.time)
    let condition = ServiceCondition("TopicsReadable", .false, reason: "R", message: "m", lastTransitionTime: Self.time)
    var decoder = StateDecoder()
    try decoder.apply(record(encoder.deleted(resource.key, memory, sequence: 1, time: Self.time), 1))
    try decoder.apply(record(encoder.service([condition], sequence: 1, time: Self.time), 2))
    #expect(decoder.state.deleted == [resource.key: memory])
    #expect(decoder.serviceConditions == [condition])
    try decoder.apply(record(encoder.deleted(resource.key, nil, sequence: 2, time: Self.time), 3))
    #expect(decoder.state.deleted.isEmpty)
    #expect(decoder.lastOffset(of: .status) == 3 && decoder.lastOffset(of: .specs) == nil)
  }

  @Test("A fold that ends before what was committed is not complete") func truncated() throws {
    let (spec, status) = pair(resource)
    var decoder = StateDecoder()
    try decoder.apply(spec)
    try decoder.apply(status)
    var committed = CommittedMetadata(installation: "i", sequence: 9, epoch: 3, time: Self.time, specs: 5, status: 5)
    try decoder.note(committed, offset: 8)
    #expect(decoder.state.sequence == 9 && decoder.state.epoch == 3 && decoder.state.commandsThrough == 7)
    #expect(decoder.state.time == Self.time)
    committed.status = 6
    #expect(refusal(of: committed, by: decoder) != nil)
    try decoder.note(committed, offset: 8, ends: [.status: 7])
    committed.installation = "another"
    #expect(refusal(of: committed, by: decoder) != nil)
  }
}

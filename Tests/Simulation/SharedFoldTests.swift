import ControlPlane
import ControlTopics
import RestoreModel
import Testing
import Threads

@Suite("A fold that several threads read for")
struct SharedFoldTests {
  /// Enough for the fold to take help.
  private static let count = 12_000

  private static func records() -> [ControlTopic: [ControlRecord]] {
    var encoder = RecordEncoder(installation: "one", epoch: 3)
    var found: [ControlTopic: [ControlRecord]] = [:]
    func add(_ record: OutgoingControlRecord) {
      found[record.topic, default: []].append(
        ControlRecord(record, offset: Int64(found[record.topic]?.count ?? 0), timestamp: 0))
    }
    add(encoder.installation(sequence: 0))
    for number in 0..<count {
      // Each document three times: the last one counts.
      let name = "r\(number % (count / 3))"
      let uid = UID("u-\(name)")
      var spec = RestoreSpec(source: "a", sink: "b")
      spec.description = "version \(number)"
      let resource = Resource(
        metadata: Metadata(
          name: name, namespace: "default", uid: uid, generation: 1, creationTimestamp: Instant(milliseconds: 0)),
        spec: .restore(spec), status: ResourceStatus(uid: uid, observedGeneration: 1))
      add(encoder.spec(resource, sequence: Int64(number)))
      add(encoder.status(resource, sequence: Int64(number), time: Instant(milliseconds: 0)))
    }
    return found
  }

  private static func fold(_ topics: [ControlTopic: [ControlRecord]]) async throws -> StateDecoder {
    let fold = SharedFold()
    defer { fold.close() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for records in topics.values {
        let part = fold.part()
        group.addTask {
          try await NamedThread.run("read") { for record in records { try part.take(record) } }
          try await part.finish()
        }
      }
      try await group.waitForAll()
    }
    return fold.folded
  }

  @Test("It is the fold of one thread, each topic in its order")
  func order() async throws {
    let records = Self.records()
    var expected = StateDecoder()
    for topic in [ControlTopic.specs, .status] { for record in records[topic] ?? [] { try expected.apply(record) } }
    let folded = try await Self.fold(records)
    try folded.finish()
    #expect(folded.state == expected.state)
    #expect(folded.state.resources.count == Self.count / 3)
    for topic in [ControlTopic.specs, .status] {
      #expect(folded.lastOffset(of: topic) == expected.lastOffset(of: topic))
    }
  }

  @Test("Of records that can't be read it tells the first, wherever it stands", arguments: [10, 6000, Self.count])
  func corrupt(at offset: Int) async throws {
    var records = Self.records()
    for bad in [offset, Self.count] { records[.status]?[bad - 1].value = Array("no JSON".utf8) }
    let topics = records
    let error = try #require(await #expect(throws: CorruptLog.self) { try await Self.fold(topics) })
    #expect(error.topic == .status && error.offset == Int64(offset - 1))
  }

  @Test("One that is closed before its end is none")
  func closed() async throws {
    let fold = SharedFold()
    let part = fold.part()
    let records = Self.records()[.specs] ?? []
    try await NamedThread.run("read") { for record in records.dropLast() { try part.take(record) } }
    fold.close()
    try part.take(try #require(records.last))
    await #expect(throws: CancellationError.self) {
      // What was under way when it was closed may have been done all the same, but not what was handed on afterwards.
      try await part.finish()
    }
  }
}

import ControlTopics
import RestoreModel
import Testing
import Threads

@testable import ControlPlane

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
          try await NamedThread.run("read") {
            // As they come: now few, now many.
            var (rest, count) = (records[...], 1)
            while !rest.isEmpty {
              try part.take(Array(rest.prefix(count)))
              (rest, count) = (rest.dropFirst(count), count % 1999 + 37)
            }
          }
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

  @Test("One that can't be applied is told before the next one, which can't be read")
  func early() async throws {
    var records = Self.records()
    let foreign = RecordEncoder(installation: "another", epoch: 3)
    var record = ControlRecord(foreign.installation(sequence: 0), offset: 100, timestamp: 0)
    record.offset = 100
    records[.specs]?[100] = record
    records[.specs]?[101].value = Array("no JSON".utf8)
    let topics = records
    let error = try #require(await #expect(throws: CorruptLog.self) { try await Self.fold(topics) })
    #expect(error.offset == 100 && error.problem == .foreignInstallation)
  }

  @Test("A block that fails and is there too soon waits for those before it")
  func blocks() throws {
    let records = Array(Self.records()[.specs]?.prefix(3) ?? [])
    func block(_ number: Int, isBad: Bool) -> ReadBlock {
      var record = records[number]
      if isBad { record.value = Array("no JSON".utf8) }
      return ReadBlock([record])
    }
    var order = FoldOrder()
    let part = order.addPart()
    order.apply(block(2, isBad: true), block: 2, of: part)
    try order.check(part)
    order.apply(block(1, isBad: true), block: 1, of: part)
    try order.check(part)
    order.apply(block(0, isBad: false), block: 0, of: part)
    let error = try #require(throws: CorruptLog.self) { try order.check(part) }
    #expect(error.offset == 1)
  }

  @Test("What has come is folded without waiting for more")
  func few() throws {
    let fold = SharedFold()
    defer { fold.close() }
    let records = Array(Self.records()[.specs]?.prefix(3) ?? [])
    try fold.part().take(records)
    #expect(fold.folded.lastOffset(of: .specs) == 2)
  }

  @Test("One that is closed before its end is none")
  func closed() async throws {
    let fold = SharedFold()
    let part = fold.part()
    let records = Self.records()[.specs] ?? []
    try await NamedThread.run("read") { try part.take(records.dropLast()) }
    fold.close()
    try part.take([try #require(records.last)])
    await #expect(throws: CancellationError.self) {
      // What was under way when it was closed may have been done all the same, but not what was handed on afterwards.
      try await part.finish()
    }
  }
}

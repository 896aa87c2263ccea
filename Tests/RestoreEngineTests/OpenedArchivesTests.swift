import ColdStorage
import Glibc
import LocalWork
import Logging
import RestoreModel
import TestSupport
import Testing
import Threads

@testable import RestoreEngine

@Suite("Archives that a run has opened") struct OpenedArchivesTests {
  private static let topic = TopicName("orders")
  private static let limits = PartitionWriter.Limits(segmentBytes: 200, batchBytes: 100)

  private func records(_ offsets: Range<Int64>) -> [TestRecord] { offsets.map { TestRecord(plain: $0) } }

  private func archive(_ count: Int64 = 20) throws -> TestArchive {
    let archive = try TestArchive()
    try archive.write(Self.topic.text, [records(0..<count), records(0..<5)], limits: Self.limits)
    return archive
  }

  private func open(
    _ opened: OpenedArchives, _ archive: TestArchive, upTo ends: [Int64]? = nil
  ) throws -> ArchivedTopic { try opened.open(Self.topic, upTo: ends, try archive.reader) }

  /// Where the entries of a partition are in memory.
  private func place(_ archive: ArchivedTopic, _ partition: Int = 0) -> UnsafePointer<SegmentEntry>? {
    archive.partitions[partition].segments.withUnsafeBufferPointer(\.baseAddress)
  }

  private func edit(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
    let file = try #require(fopen(path, "r+"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeSubrange(fread(&bytes, 1, bytes.count, file)...)
    change(&bytes)
    rewind(file)
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    try #require(ftruncate(fileno(file), off_t(bytes.count)) == 0)
  }

  @Test("Who opens an archive again, as far as it was planned, has the index that was read before")
  func shared() throws {
    let (archive, opened) = (try archive(), OpenedArchives())
    let first = try open(opened, archive)
    let second = try open(opened, archive, upTo: [20, 5])
    #expect(first.digest == second.digest && first.partitions == second.partitions)
    #expect(place(first) == place(second) && place(first, 1) == place(second, 1))
    #expect(place(try open(OpenedArchives(), archive)) != place(first))
  }

  @Test("An archive that has grown since is the one that was planned, and a new run has all of it")
  func grown() throws {
    let (archive, opened) = (try archive(), OpenedArchives())
    let planned = try open(opened, archive)
    try archive.write(Self.topic.text, [records(20..<30), []], limits: Self.limits)
    let part = try open(opened, archive, upTo: [20, 5])
    #expect(part.digest == planned.digest && part.partitions == planned.partitions)
    let whole = try open(opened, archive)
    #expect(whole.partitions[0].endOffset == 30 && whole.digest != planned.digest)
    #expect(try open(opened, archive, upTo: [20, 5]).digest == planned.digest)
  }

  @Test("An archive that was made anew and is shorter is taken as it is")
  func replaced() throws {
    let (archive, opened) = (try archive(), OpenedArchives())
    let planned = try open(opened, archive)
    let other = try self.archive(10)
    let path = "\(archive.path)/\(Self.topic)"
    #expect(rename(path, "\(archive.path)/old") == 0 && rename("\(other.path)/\(Self.topic)", path) == 0)
    for _ in 0..<2 {
      let found = try open(opened, archive, upTo: [20, 5])
      #expect(found.partitions[0].endOffset == 10 && found.digest != planned.digest)
    }
  }

  @Test("One byte that differs is seen, with size and name of the file the same, and so is damage")
  func edited() throws {
    let (archive, opened) = (try archive(), OpenedArchives())
    let planned = try open(opened, archive)
    let path = "\(archive.path)/\(Self.topic)/1/segments.json"
    let key = Array("\"contentBytes\": ".utf8)
    try edit(path) { bytes in
      let place = bytes.indices.first { bytes[$0...].starts(with: key) } ?? 0
      bytes[place + key.count] = bytes[place + key.count] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
    }
    let found = try open(opened, archive, upTo: [20, 5])
    #expect(found.partitions[1].contentBytes != planned.partitions[1].contentBytes && found.digest != planned.digest)
    try edit(path) { $0.removeLast(3) }
    #expect(throws: ArchiveError.self) { try open(opened, archive, upTo: [20, 5]) }
  }
}

@Suite("The archives that the work queue's workers share") struct SharedArchivesTests {
  @Test("Workers of a run share what one of them opened, until none of them is wanted any more")
  func shared() async throws {
    let run = try WorkQueueTests.run()
    let seen = Monitor<[OpenedArchives]>([])
    let sinks = SinkFactory(
      openSink: { assignment, lane, largest, slots in
        seen.change { $0.append(assignment.known.archives) }
        return try run.sinks.open(assignment, lane, largestRecord: largest, slots: slots)
      }, checkTopic: run.sinks.checkTopic)
    let queue = InProcessWorkQueue(policy: run.policy, logger: Logger("queue", to: MemoryLogSink()), sinks: sinks)
    // Lanes that wait for the news that their positions exist end at a stop only.
    for claim in 1...3 as ClosedRange<Int64> {
      if claim == 3 { queue.reconcile(run.key, [run.item(.keep(LaneID(0)), claim: 3, positioned: false)]) }
      queue.reconcile(run.key, [run.item(.lane(LaneID(0)), claim: claim, positioned: false)])
      #expect(try await eventually { seen.read { $0.count } == claim })
    }
    await queue.stopAll()
    let found = seen.read { $0 }
    try #require(found.count == 3)
    #expect(found[0] === found[1], "a newer claim on the same run")
    #expect(found[1] !== found[2], "the run was at rest in between")
  }
}

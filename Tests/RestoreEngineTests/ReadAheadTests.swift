import RestoreModel
import Seeded
import TestSupport
import Testing

@testable import ColdStorage
@testable import RestoreEngine

/// How far a lane's reader goes ahead of the thread that sends.
@Suite("Reading ahead")
struct ReadAheadTests {
  private static let depth = 300_000

  private let archive: TestArchive
  private let source: ReadAhead.Source

  /// 2 MB that don't get smaller, in batches of 70 KB.
  init() throws {
    var random = SeededGenerator(7)
    let records = (0..<Int64(2000)).map { offset in
      var record = TestRecord(plain: offset)
      record.value = random.bytes(1000)
      return record
    }
    archive = try TestArchive()
    try archive.write("t", [records], limits: .init(segmentBytes: 1 << 20, batchBytes: 70_000))
    source = ReadAhead.Source(
      partition: 0, archive: try archive.reader.open("t"), number: 0, selection: .everything)
  }

  /// Of batches that go as they are.
  private static func readAhead(_ memory: Int) throws -> ReadAhead {
    var rules = WireFeedTests.rules()
    rules.mergesBelow = 0
    return try ReadAhead(
      .wire(rules), slots: 1024, memory: MemoryShare(total: memory, most: memory),
      pool: PackingPool(), depth: depth, window: 4096, name: "test")
  }

  /// What is held when the reader waits is `bytes`, or at most a batch more.
  private static func expect(_ bytes: Int, held ahead: ReadAhead) async throws {
    #expect(try await eventually { ahead.level.isFull })
    let held = ahead.level.bytes
    #expect(held >= bytes && held < bytes + 200_000)
  }

  @Test("It begins with little and goes further when the sink falls short, up to the memory that there is")
  func grows() async throws {
    let ahead = try Self.readAhead(1_000_000)
    defer { ahead.close() }
    ahead.start(source)
    for bytes in [Self.depth, 2 * Self.depth, 1_000_000, 1_000_000] {
      try await Self.expect(bytes, held: ahead)
      ahead.fallsShort()
    }
  }

  @Test("It goes no further where it was not the depth that held the reader back")
  func stays() async throws {
    let ahead = try Self.readAhead(1 << 30)
    defer { ahead.close() }
    for _ in 0..<3 { ahead.fallsShort() }
    ahead.start(source)
    try await Self.expect(Self.depth, held: ahead)
  }
}

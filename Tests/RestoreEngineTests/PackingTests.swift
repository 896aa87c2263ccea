import Glibc
import RestoreModel
import Seeded
import TestSupport
import Testing
import Threads

@testable import ColdStorage
@testable import RestoreEngine

/// What is compressed by many threads is what one thread makes of it.
@Suite("Batches compressed side by side")
struct PackingTests {
  private typealias Sent = WireFeedTests.Sent

  private struct Refusal: Error {}

  private static func readAhead(
    _ rules: WireRules, _ pool: PackingPool, memory: Int = 1 << 20
  ) throws -> ReadAhead {
    let share = MemoryShare(total: memory, most: memory)
    return try ReadAhead(
      .wire(rules), slots: 16, memory: share, pool: pool, depth: 100_000, window: 4096, name: "test")
  }

  private static func source(_ archive: TestArchive, _ selection: Selection = .everything) throws -> ReadAhead.Source {
    ReadAhead.Source(partition: 3, archive: try archive.reader.open("t"), number: 0, selection: selection)
  }

  /// Threads that take all there is, each job after a time of its own.
  private static func unevenPool(seed: UInt64) -> PackingPool {
    let random = Locked(SeededGenerator(seed))
    return PackingPool(width: 4, least: 0) {
      usleep(random.withLock { UInt32.random(in: 0...1500, using: &$0) })
    }
  }

  /// Everything up to the end or a failure, or `most` batches.
  private static func sent(
    _ ahead: ReadAhead, most: Int = .max
  ) throws -> (sent: [Sent], failure: WorkInterruption?) {
    var sent: [Sent] = []
    while sent.count < most {
      switch try #require(ahead.next(timeout: .seconds(60))) {
      case .batch(let slot):
        sent.append(try Sent(slot))
        ahead.release([slot])
      case .end: return (sent, nil)
      case .failed(let interruption): return (sent, interruption)
      }
    }
    return (sent, nil)
  }

  @Test(
    "Whatever the archive and the document, batches come in order, with the bytes that one thread gives them")
  func equality() async throws {
    let pool = Self.unevenPool(seed: 4711)
    try await NamedThread.run("test") {
      for seed in UInt64(1000)..<1060 {
        var random = SeededGenerator(seed)
        let scene = try RandomScene(&random)
        let expected = try WireFeedTests.feed(scene.archive, scene.rules, scene.selection)
        let ahead = try Self.readAhead(scene.rules, pool)
        defer { ahead.close() }
        ahead.start(try Self.source(scene.archive, scene.selection))
        let (sent, failure) = try Self.sent(ahead)
        #expect(sent == expected && failure == nil, "seed \(seed)")
      }
    }
    #expect(try await eventually { pool.threads == 0 })
  }

  /// About 100 batches of 2 KB, each of which is opened for a header.
  private static func archive() throws -> (archive: TestArchive, rules: WireRules) {
    var random = SeededGenerator(3)
    let records = (0..<Int64(2000)).map { offset in
      var record = TestRecord(plain: offset, size: 100)
      record.key = random.bytes(50)
      return record
    }
    let archive = try WireFeedTests.archive(records, batchBytes: 3000)
    return (archive, WireFeedTests.rules({ $0.legacyOffsetHeader = "o" }, maxMessageBytes: 2000))
  }

  @Test("All that comes before a damaged batch is given, and nothing behind it")
  func damage() async throws {
    let (archive, rules) = try Self.archive()
    let whole = try WireFeedTests.feed(archive, rules)
    let topic = try archive.reader.open("t")
    let file = "\(archive.path)/t/0/\(topic.partitions[0].segments[0].file)"
    try flipByte(of: file, at: Int(topic.partitions[0].segments[0].size / 2))
    try await NamedThread.run("test") {
      let ahead = try Self.readAhead(rules, Self.unevenPool(seed: 1))
      defer { ahead.close() }
      ahead.start(try Self.source(archive))
      let (sent, failure) = try Self.sent(ahead)
      #expect(failure != nil && !sent.isEmpty && sent.count < whole.count)
      #expect(sent == Array(whole.prefix(sent.count)))
      guard case .batch? = ahead.next() else { return }
      Issue.record("a batch came behind the damaged one")
    }
  }

  @Test(
    "A batch that can't be compressed is a failure in its place, and nothing comes behind it",
    arguments: [0, 1, 30])
  func failure(of number: Int) async throws {
    let (archive, rules) = try Self.archive()
    let whole = try WireFeedTests.feed(archive, rules)
    let jobs = Locked(0)
    let pool = PackingPool(width: 2, least: 0) {
      let job = jobs.withLock { jobs in
        defer { jobs += 1 }
        return jobs
      }
      if job == number { throw Refusal() }
    }
    try await NamedThread.run("test") {
      let ahead = try Self.readAhead(rules, pool)
      defer { ahead.close() }
      ahead.start(try Self.source(archive))
      let (sent, failure) = try Self.sent(ahead)
      #expect(failure != nil && sent == Array(whole.prefix(sent.count)))
      // Two threads may have begun in either order.
      #expect(abs(sent.count - number) <= 1)
      for _ in 0..<3 {
        guard case .failed? = ahead.next(timeout: .seconds(60)) else {
          Issue.record("something came behind the failure")
          return
        }
      }
    }
  }

  @Test("What is begun anew in the middle comes from its beginning, and the end leaves no thread and no batch behind")
  func restart() async throws {
    let (archive, rules) = try Self.archive()
    let whole = try WireFeedTests.feed(archive, rules)
    let pool = Self.unevenPool(seed: 2)
    let ahead = try Self.readAhead(rules, pool)
    try await NamedThread.run("test") {
      for most in 0..<20 {
        ahead.start(try Self.source(archive))
        let (sent, failure) = try Self.sent(ahead, most: most)
        #expect(sent == Array(whole.prefix(most)) && failure == nil)
        ahead.restart()
      }
      ahead.start(try Self.source(archive))
      #expect(try Self.sent(ahead).sent == whole)
    }
    #expect(try await eventually { ahead.level.bytes == 0 && ahead.level.packing == 0 })
    try await NamedThread.run("test") {
      ahead.start(try Self.source(archive))
      ahead.close()
      #expect(ahead.level.packing == 0)
    }
    #expect(try await eventually { pool.threads == 0 })
  }

  @Test("However slow the compressing threads are, few batches wait for them, and what is held stays within its bound")
  func bounds() async throws {
    let (archive, rules) = try Self.archive()
    let whole = try WireFeedTests.feed(archive, rules)
    let gate = Monitor(false)
    let most = Locked(0)
    let reader = Locked<ReadAhead?>(nil)
    let pool = PackingPool(width: 3, least: 0) {
      _ = gate.wait { $0 ? true : nil }
      let packing = reader.withLock { $0?.level.packing } ?? 0
      most.withLock { $0 = max($0, packing) }
    }
    let memory = 30_000
    let ahead = try Self.readAhead(rules, pool, memory: memory)
    reader.withLock { $0 = ahead }
    ahead.start(try Self.source(archive))
    #expect(try await eventually { ahead.level.packing == PackingPool.batchesPerLane })
    #expect(pool.threads <= 3)
    gate.change { $0 = true }
    // Nobody takes anything: the reader stops at the bound.
    #expect(try await eventually { ahead.level.isFull && ahead.level.packing == 0 })
    #expect(ahead.level.bytes < memory + 8192 * PackingPool.batchesPerLane)
    try await NamedThread.run("test") {
      let sent = try Self.sent(ahead).sent
      #expect(sent == whole)
      ahead.close()
    }
    #expect(most.withLock { $0 } == PackingPool.batchesPerLane)
    reader.withLock { $0 = nil }
    #expect(try await eventually { pool.threads == 0 })
  }

  @Test("With as many lanes as cores each compresses for itself")
  func lanes() throws {
    let pool = PackingPool(width: 2, least: 100)
    pool.enter()
    #expect(pool.takes(.zstd, bytes: 100) && !pool.takes(.zstd, bytes: 99) && !pool.takes(.none, bytes: 100))
    pool.enter()
    #expect(!pool.takes(.zstd, bytes: 100))
    pool.leave()
    #expect(pool.takes(.lz4, bytes: 100))
    pool.leave()
  }
}

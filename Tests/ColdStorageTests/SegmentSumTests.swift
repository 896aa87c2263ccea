import Crypto
import JSON
import Seeded
import Testing

@testable import ColdStorage

/// The two sums of a segment's file: a reader looks at the fast one, a verification at both, and an index may be older than the fast one.
@Suite("Sums of a segment's file") struct SegmentSumTests {
  private static let log = "orders/0/00000000000000000000.log"

  /// How an index may be: with both sums, or as it was before there was the fast one.
  enum Shape: CaseIterable { case both, older }

  private static let otherSHA256 = String(repeating: "0", count: 64)
  private static let otherXXH3 = String(repeating: "0", count: 32)

  /// Batches of one segment with gaps between them.
  private func archive(_ shape: Shape = .both) throws -> TestArchive {
    let value = [UInt8](repeating: 7, count: 50)
    let records = (0..<Int64(30)).map { TestRecord(offset: $0 * 10, timestamp: $0, value: value) }
    let archive = try TestArchive(records, codec: .none, limits: .init(batchBytes: 300))
    if shape == .older { try edit(archive) { $0.remove("xxh3") } }
    return archive
  }

  /// Changes the only segment's entry in the index.
  private func edit(_ archive: TestArchive, _ change: (inout JSONObject) -> Void) throws {
    let path = "orders/0/segments.json"
    var index = try #require(try JSONValue.parse(try archive.folder.bytes(path)).object)
    var segment = try #require(index["segments"]?[0]?.object)
    change(&segment)
    index["segments"] = .array([.object(segment)])
    try archive.folder.overwrite(path, IndexDocument.encode(.object(index)))
  }

  /// The reason, of damage that names the segment.
  private func damage(_ archive: TestArchive, _ body: () throws -> Void) throws -> String? {
    do {
      try body()
      return nil
    } catch ArchiveError.damaged(let damage) {
      #expect(damage.file == "\(archive.folder.path)/\(Self.log)" && damage.offsets == 0...290)
      return damage.reason
    }
  }

  private func readingDamage(_ archive: TestArchive) throws -> String? {
    try damage(archive) { _ = try archive.records() }
  }

  private func verifyingDamage(_ archive: TestArchive) throws -> String? {
    try damage(archive) {
      if let found = try archive.open().verify().damages.first { throw ArchiveError.damaged(found) }
    }
  }

  @Test("What is written has the sums that sha256sum and xxh128sum print of the file, and so has what is indexed anew")
  func independent() throws {
    // Written by Apache Kafka, so that nothing that we change changes it.
    let archive = try TestArchive()
    try archive.store.write(try BlobKey(Self.log), try BrokerSegmentTests.segment("broker-none"))
    try Reindex(archive.store, topic: "orders").run(now: 0)
    let indexed = try #require(try archive.open().partition(0).segments.first)
    #expect(indexed.sha256.hex == "9a712c9180e63df047762305a8df18c13bb02d53ecb3d4cab206a496d61b313f")
    #expect(indexed.xxh3?.hex == "ae293f0a9270d42a9187c61e28ec16f4")
    let written = try self.archive()
    let entry = try #require(try written.open().partition(0).segments.first)
    let bytes = try written.folder.bytes(Self.log)
    #expect(bytes.count == 2198)
    #expect(entry.sha256.hex == "fe5997e073753dc475c41c9a778e69c06242af05aa10dbdee423f0b7391ac976")
    #expect(entry.xxh3?.hex == "2c8895ce19c4b5261d228369d96fc2b3")
    try Reindex(written.store, topic: "orders").run(now: 0)
    #expect(try written.open().partition(0).segments == [entry])
  }

  @Test("An archive without the fast sum is read and verified, and has it once it is indexed anew")
  func older() throws {
    let (archive, other) = (try archive(.older), try archive())
    #expect(try archive.open().partition(0).segments[0].xxh3 == nil)
    #expect(try archive.records() == other.records())
    #expect(try archive.open().verify().isIntact)
    try Reindex(archive.store, topic: "orders").run(now: 0)
    #expect(try archive.open().digest == other.open().digest)
  }

  @Test("What follows an archive without the fast sum has it, and what was there stays as it was")
  func followed() throws {
    let archive = try archive(.older)
    let before = try archive.open()
    let writer = try archive.writer()
    try archive.append([TestRecord(offset: 500, timestamp: 1)], to: writer)
    try archive.commit(writer)
    let after = try archive.open()
    #expect(after.partitions[0].segments.map { $0.xxh3 != nil } == [false, true])
    #expect(try after.upTo([291])?.digest == before.upTo([291])?.digest)
    #expect(try archive.records().count == 31 && after.verify().isIntact)
  }

  /// Nothing else finds it: the checksum of a batch doesn't cover its base offset.
  @Test("A batch moved within a gap is found by the one sum that is looked at", arguments: Shape.allCases)
  func moved(shape: Shape) throws {
    let archive = try archive(shape)
    var bytes = try archive.folder.bytes(Self.log)
    let first = try bytes.withUnsafeBytes { try BatchHeader(parsing: $0) }
    let place = first.size + 7
    #expect(bytes[place] == UInt8(truncatingIfNeeded: first.lastOffset + 10))
    bytes[place] -= 1
    try archive.folder.overwrite(Self.log, bytes)
    let name = shape == .both ? "XXH3-128" : "SHA-256"
    #expect(try readingDamage(archive) == "its \(name) is not the one in the index")
    #expect(try verifyingDamage(archive) == "its SHA-256 is not the one in the index")
    // The other sum fits, the one that is looked at doesn't.
    if shape == .both { try edit(archive) { $0["sha256"] = .string((try? SHA256Sum.of(bytes).hex) ?? "") } }
    #expect(try readingDamage(archive) == "its \(name) is not the one in the index")
    #expect(try verifyingDamage(archive) == "its \(name) is not the one in the index")
  }

  @Test("Whoever reads to the archive's end and no further has seen the sum first", arguments: Shape.allCases)
  func bounded(shape: Shape) throws {
    let archive = try archive(shape)
    let (member, other) = shape == .both ? ("xxh3", Self.otherXXH3) : ("sha256", Self.otherSHA256)
    try edit(archive) { $0[member] = .string(other) }
    let reader = try archive.open().reader(0, Selection(untilOffset: 291))
    var last: Int64 = -1
    #expect(throws: ArchiveError.self) { while let batch = try reader.next() { last = batch.header.lastOffset } }
    #expect(last > 0 && last < 290)
    // What is wanted ends before: the rest isn't looked at.
    let short = try archive.open().reader(0, Selection(untilOffset: last + 1))
    while let batch = try short.next() { #expect(batch.header.lastOffset <= last) }
  }

  @Test("A sum that is wrong in the index is named by a verification, and by a reader if it is the one looked at")
  func wrong() throws {
    let archive = try archive()
    try edit(archive) { $0["sha256"] = .string(Self.otherSHA256) }
    #expect(try readingDamage(archive) == nil)
    #expect(try verifyingDamage(archive) == "its SHA-256 is not the one in the index")
    let other = try self.archive()
    try edit(other) { $0["xxh3"] = .string(Self.otherXXH3) }
    #expect(try readingDamage(other) == "its XXH3-128 is not the one in the index")
    #expect(try verifyingDamage(other) == "its XXH3-128 is not the one in the index")
    let older = try self.archive(.older)
    try edit(older) { $0["sha256"] = .string(Self.otherSHA256) }
    #expect(try readingDamage(older) == "its SHA-256 is not the one in the index")
  }

  @Test("A segment that was found damaged isn't whole when it is asked for again")
  func again() throws {
    let archive = try archive()
    try edit(archive) { $0["xxh3"] = .string(Self.otherXXH3) }
    let reader = try archive.open().reader(0)
    #expect(throws: ArchiveError.self) { while try reader.next() != nil {} }
    #expect(throws: ArchiveError.self) { try reader.next() }
  }
}

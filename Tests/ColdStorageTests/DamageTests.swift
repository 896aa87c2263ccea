import Testing

@testable import ColdStorage
import Seeded

/// Damage is told, never skipped: whatever happens to a file of an archive, reading it all gives the records as they
/// were or an error.
@Suite struct DamageTests {
  private static let log = "orders/0/00000000000000000000.log"
  private static let digests = "orders/0/00000000000000000000.digests"

  private func archive() throws -> TestArchive {
    var generator = SeededGenerator(3)
    return try TestArchive(
      TestRecord.random(12, using: &generator, longest: 12), codec: .none, limits: .init(batchBytes: 200))
  }

  private func expectDamage(_ archive: TestArchive, _ file: String, _ what: Comment) throws {
    do {
      _ = try archive.records()
      Issue.record("\(what): read without an error")
    } catch let error as ArchiveError {
      guard case .damaged(let damage) = error else {
        Issue.record("\(what): \(error)")
        return
      }
      #expect(damage.file == "\(archive.folder.path)/\(file)", what)
      #expect(damage.offsets.lowerBound >= 0, what)
    }
    let verification = try archive.open().verify()
    #expect(verification.damages.count == 1, what)
  }

  @Test("A flipped bit is found at every byte", arguments: [log, digests])
  func flips(file: String) throws {
    let archive = try archive()
    let whole = try archive.folder.bytes(file)
    for position in whole.indices {
      var bytes = whole
      bytes[position] ^= 1 << UInt8(position % 8)
      try archive.folder.overwrite(file, bytes)
      try expectDamage(archive, file, "byte \(position)")
    }
    try archive.folder.overwrite(file, whole)
    #expect(try archive.records().count == 12)
  }

  @Test("A file cut off is found at every length", arguments: [log, digests])
  func truncation(file: String) throws {
    let archive = try archive()
    let whole = try archive.folder.bytes(file)
    for length in 0..<whole.count {
      try archive.folder.overwrite(file, Array(whole[..<length]))
      try expectDamage(archive, file, "\(length) bytes")
    }
    try archive.folder.overwrite(file, whole + [0])
    try expectDamage(archive, file, "one byte more")
  }

  @Test("A missing file is found", arguments: [log, digests])
  func missing(file: String) throws {
    let archive = try archive()
    try archive.store.delete(try BlobKey(file))
    try expectDamage(archive, file, "missing")
  }

  @Test("A whole batch lost, doubled or moved is found")
  func batches() throws {
    let archive = try archive()
    let whole = try archive.folder.bytes(Self.log)
    let size = try whole.withUnsafeBytes { try BatchHeader(parsing: $0).size }
    let (first, rest) = (Array(whole[..<size]), Array(whole[size...]))
    for bytes in [rest, first + whole, rest + first] {
      try archive.folder.overwrite(Self.log, bytes)
      try expectDamage(archive, Self.log, "\(bytes.count) bytes")
    }
  }

  @Test("The error names the damaged batch's file, position and offsets")
  func place() throws {
    let archive = try archive()
    var bytes = try archive.folder.bytes(Self.log)
    let first = try bytes.withUnsafeBytes { try BatchHeader(parsing: $0) }
    let second = try bytes[first.size...].withUnsafeBytes { try BatchHeader(parsing: $0) }
    bytes[first.size + BatchHeader.byteCount] ^= 0xff
    try archive.folder.overwrite(Self.log, bytes)
    let error = #expect(throws: ArchiveError.self) { try archive.records() }
    guard case .damaged(let damage) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(damage.position == UInt64(first.size))
    #expect(damage.offsets == second.baseOffset...second.lastOffset)
    #expect(damage.reason.contains("checksum"))
  }

  @Test("Verification goes on after damage, and finds what no index lists")
  func goesOn() throws {
    var generator = SeededGenerator(5)
    let archive = try TestArchive(
      TestRecord.random(300, using: &generator), limits: .init(segmentBytes: 3_000, batchBytes: 1_000))
    let segments = try archive.open().partition(0).segments
    try #require(segments.count > 3)
    for segment in [segments[0], segments[2]] {
      try archive.folder.overwrite("orders/0/\(segment.file)", [])
    }
    try archive.folder.overwrite("orders/0/\(SegmentEntry.file(1 << 40))", [1])
    let found = try archive.open().verify()
    #expect(found.damages.map(\.offsets.lowerBound) == [segments[0].baseOffset, segments[2].baseOffset])
    #expect(found.segments == segments.count)
    #expect(found.unlisted == ["\(archive.folder.path)/orders/0/\(SegmentEntry.file(1 << 40))"])
  }

  @Test("What is not wanted does not need to be whole")
  func elsewhere() throws {
    var generator = SeededGenerator(6)
    let records = TestRecord.random(300, using: &generator)
    let archive = try TestArchive(records, limits: .init(segmentBytes: 3_000, batchBytes: 1_000))
    let segments = try archive.open().partition(0).segments
    try archive.folder.overwrite("orders/0/\(segments[0].file)", [])
    let from = segments[1].baseOffset
    #expect(try archive.records(0, Selection(fromOffset: from)) == records.filter { $0.offset >= from })
    #expect(throws: ArchiveError.self) { try archive.records(0, Selection(fromOffset: segments[0].lastOffset)) }
  }
}

import ColdStorage
import RestoreModel
import TestSupport
import Testing

@testable import RestoreEngine

/// Timestamp 0 arrives as 0 in a stored batch, and as 1 where records are sent one by one; a run may have done both.
@Suite("Explaining a difference where the archive has timestamp 0")
struct ZeroTimestampDifferenceTests {
  private static let zeros = [0, 50, 51, 99]
  private static let records = (0..<100).map { index in
    TestRecord(plain: Int64(index * 2), timestamp: zeros.contains(index) ? 0 : nil)
  }
  private static let other = TestRecord(offset: 0, timestamp: 1_700_000_000_000, key: nil, value: [1])

  /// What is said of a target that holds `found`, read by the parts that read archives.
  private static func verdict(
    _ found: [TestRecord], _ onZero: OnZeroTimestamp = .nearest, header: String? = nil
  ) throws -> (VerificationReceipt.Verdict, String) {
    let archive = try TestArchive()
    try archive.write("t", [records])
    var config = SimulatedRun.config(["t"])
    (config.onZeroTimestamp, config.legacyOffsetHeader) = (onZero, header)
    let topic = try RestoreSelection(try archive.reader, config, planned: []).topics[0]
    let range = ExpectedRange(partition: 0, position: LanePosition(nextOffset: 200, claim: Claim(1)))
    func archived() throws -> ArchiveStream {
      try ArchiveStream(topic, range, RecordChanges(config), ignoresTimestamps: false)
    }
    var left = try archived()
    var right = DifferenceTests.Numbers(rest: try found.map(fingerprint)[...])
    let difference = try RecordDifference(&left, &right, expectsGaps: false, leadingIsExpired: false)
    var explanation = DifferenceExplanation(difference, isCompacted: false)
    var again = try archived()
    while let record = try again.next() { explanation.see(record) }
    return explanation.verdict(isExactlyOnce: true)
  }

  private static func fingerprint(_ record: TestRecord) throws -> Fingerprint {
    let sum = try digest(of: [record])
    return Fingerprint(
      content: .init(timestamps: sum.timestamps, rest: sum.rest), offset: record.offset, key: nil, isTombstone: false)
  }

  private static func arrived(_ timestamps: [Int64]) -> [TestRecord] {
    var found = records
    for (index, timestamp) in zip(zeros, timestamps) { found[index].timestamp = timestamp }
    return found
  }

  @Test(
    "It may have arrived as 0 or as 1, each record for itself",
    arguments: [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [1, 0, 1, 0]] as [[Int64]])
  func both(timestamps: [Int64]) throws {
    var found = Self.arrived(timestamps)
    // The second one stands right before a record of timestamp 0, which so is the only equal one ahead.
    found.insert(Self.other, at: 99)
    found.insert(Self.other, at: 20)
    let (verdict, message) = try Self.verdict(found)
    #expect(verdict == .foreignRecords && message.contains("100 of 100"), "\(message)")
    for (index, source) in zip(found.indices.filter { $0 != 20 && $0 != 100 }, Self.records) {
      found[index].headers.append(.init("o", Array("\(source.offset)".utf8)))
    }
    #expect(try Self.verdict(found, header: "o").0 == .foreignRecords)
  }

  @Test("It can't have arrived as anything else", arguments: [-1, 2] as [Int64])
  func altered(timestamp: Int64) throws {
    let (verdict, message) = try Self.verdict(Self.arrived([0, 1, timestamp, 0]))
    #expect(verdict == .mismatch && message.contains("the first is source offset 102; 99 of 100"), "\(message)")
  }

  @Test("A record that had timestamp 1 all along can't have arrived as 0")
  func one() throws {
    var found = Self.arrived([0, 0, 0, 0])
    found[3].timestamp = 0
    let (verdict, message) = try Self.verdict(found)
    #expect(verdict == .mismatch && message.contains("the first is source offset 6;"), "\(message)")
  }

  @Test("Where the document says fail, it is never sent as 1")
  func fail() throws {
    #expect(try Self.verdict(Self.arrived([0, 0, 0, 0]) + [Self.other], .fail).0 == .foreignRecords)
    let (verdict, message) = try Self.verdict(Self.arrived([0, 1, 0, 0]), .fail)
    #expect(verdict == .mismatch && message.contains("the first is source offset 100; 99 of 100"), "\(message)")
  }

  @Test("One that is there twice, once each way, is doubled; one in another place has moved")
  func doubledAndMoved() throws {
    var found = Self.arrived([0, 0, 0, 0])
    var again = found[50]
    again.timestamp = 1
    found.insert(again, at: 80)
    let (doubled, message) = try Self.verdict(found)
    #expect(doubled == .mismatch && message.contains("one record is there more than once"), "\(message)")
    found.remove(at: 50)
    let (moved, said) = try Self.verdict(found)
    #expect(moved == .mismatch && said.contains("in another order"), "\(said)")
  }
}

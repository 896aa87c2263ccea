import ColdStorage
import RestoreModel
import TestSupport
import Testing

@testable import RestoreEngine

@Suite("Explaining a difference")
struct DifferenceTests {
  struct Numbers: FingerprintStream {
    var rest: ArraySlice<Fingerprint>
    mutating func next() -> Fingerprint? { rest.popFirst() }
  }

  static func print(_ content: Int, offset: Int64, key: Int? = nil, tombstone: Bool = false) -> Fingerprint {
    func digest(_ number: Int) -> Digest { withUnsafeBytes(of: number) { Digest(ofRecord: $0) } }
    return Fingerprint(
      content: .init(timestamps: .empty, rest: digest(content)), offset: offset, key: key.map(digest),
      isTombstone: tombstone)
  }

  static func sequence(_ contents: [Int]) -> [Fingerprint] {
    contents.enumerated().map { print($1, offset: Int64($0), key: $1 % 10) }
  }

  static func verdict(
    _ expected: [Fingerprint], _ found: [Fingerprint], compacted: Bool = false, expired: Bool = false,
    exactlyOnce: Bool = true, window: Int = 64
  ) throws -> (VerificationReceipt.Verdict, String) {
    var left = Numbers(rest: expected[...])
    var right = Numbers(rest: found[...])
    let difference = try RecordDifference(
      &left, &right, expectsGaps: compacted || expired, leadingIsExpired: expired, largestWindow: window)
    var explanation = DifferenceExplanation(difference, isCompacted: compacted)
    for record in expected { explanation.see(record) }
    return explanation.verdict(isExactlyOnce: exactlyOnce)
  }

  static let ours = sequence(Array(0..<300))

  @Test("Records of others among ours are theirs, however many", arguments: [1, 50, 5000])
  func foreign(_ count: Int) throws {
    let others = Self.sequence(Array(10_000..<(10_000 + count)))
    let found = Array(Self.ours[..<100]) + others + Array(Self.ours[100...])
    let (verdict, message) = try Self.verdict(Self.ours, found, window: 16_384)
    #expect(verdict == .foreignRecords && message.contains("\(count) records of others"))
  }

  @Test("One of ours missing is a mismatch that names its source offset")
  func missing() throws {
    var found = Self.ours
    found.remove(at: 123)
    let (verdict, message) = try Self.verdict(Self.ours, found)
    #expect(verdict == .mismatch && message.contains("source offset 123"))
  }

  @Test("One of ours altered is a mismatch, not somebody else's record")
  func altered() throws {
    var found = Self.ours
    found[7] = Self.print(99_999, offset: 7)
    #expect(try Self.verdict(Self.ours, found).0 == .mismatch)
  }

  @Test("One of ours twice is a mismatch; with at-least-once nobody promised otherwise", arguments: [true, false])
  func doubled(_ exactlyOnce: Bool) throws {
    var found = Self.ours
    found.insert(Self.ours[20], at: 200)
    let (verdict, message) = try Self.verdict(Self.ours, found, exactlyOnce: exactlyOnce)
    #expect(verdict == (exactlyOnce ? .mismatch : .notFenced) && message.contains("more than once"))
  }

  @Test("Two of ours in another order are a mismatch")
  func moved() throws {
    var found = Self.ours
    found.swapAt(10, 30)
    let (verdict, message) = try Self.verdict(Self.ours, found)
    #expect(verdict == .mismatch && message.contains("order"))
  }

  @Test("What retention deleted stood at the beginning", arguments: [1, 40, 250, 300])
  func expired(_ count: Int) throws {
    let (verdict, message) = try Self.verdict(Self.ours, Array(Self.ours[count...]), expired: true)
    #expect(verdict == .recordsExpired && message.contains("\(count) records"))
  }

  @Test("Retention explains nothing that is missing later")
  func expiredAndMissing() throws {
    var found = Array(Self.ours[50...])
    found.remove(at: 100)
    #expect(try Self.verdict(Self.ours, found, expired: true).0 == .mismatch)
  }

  @Test("Compaction keeps the last record of each key, and explains the others")
  func compacted() throws {
    let found = Array(Self.ours[250...])
    #expect(try Self.verdict(Self.ours, found, compacted: true).0 == .targetCompacted)
    var last = Self.ours
    last.removeLast()
    // Key 9's last record is gone: no compaction does that.
    #expect(try Self.verdict(Self.ours, last, compacted: true).0 == .mismatch)
  }

  @Test("A tombstone may go, and so may a record that a later one of somebody else replaces")
  func tombstones() throws {
    var ours = Self.ours
    ours.append(Self.print(5000, offset: 300, key: 3, tombstone: true))
    #expect(try Self.verdict(ours, Array(ours.dropLast()), compacted: true).0 == .targetCompacted)
    let newer = Self.print(7777, offset: 900, key: 9)
    #expect(try Self.verdict(Self.ours, Self.ours.dropLast() + [newer], compacted: true).0 == .targetCompacted)
  }
}

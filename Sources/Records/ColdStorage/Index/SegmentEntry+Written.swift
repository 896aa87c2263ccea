import Crypto
import JSON

// An index may have tens of thousands of segments, and a restore sends nothing before it has read it: what we write ourselves is written and read without
// the detours that any other document takes.
extension SegmentEntry {
  /// From what `write` wrote. Nil for anything else, be it an entry or not: then `init(reading:)` says.
  init?(asWritten text: inout WrittenText) {
    guard text.take("{\n      \"file\": \""), let file = text.offset(), text.take(".log\""),
      let size = text.int("size"), text.key("timestampType"), let type = Self.timestampType(&text),
      let base = text.int("baseOffset"), let last = text.int("lastOffset"), let minimum = text.int("minTimestamp"),
      let maximum = text.int("maxTimestamp"), let records = text.int("records"), let batches = text.int("batches"),
      let content = text.int("contentBytes"), let largestRecord = text.int("largestRecord"),
      let largestBatch = text.int("largestBatch")
    else { return nil }
    guard text.take(",\n      \"digest\": {\n        \"timestamps\": \""),
      let timestamps = text.take(32).flatMap({ Digest(hex: $0) }), text.take("\",\n        \"rest\": \""),
      let rest = text.take(32).flatMap({ Digest(hex: $0) }), text.take("\"\n      }"),
      let sum = text.text("sha256", 64).flatMap({ SHA256Sum(hex: $0) })
    else { return nil }
    var (fastSum, isFollowed) = (XXH3Sum?.none, text.key("digestsSha256"))
    if !isFollowed {
      guard let sum = text.text("xxh3", 32).flatMap({ XXH3Sum(hex: $0) }) else { return nil }
      (fastSum, isFollowed) = (sum, text.key("digestsSha256"))
    }
    guard isFollowed, text.take("\""), let digestsSum = text.take(64).flatMap({ SHA256Sum(hex: $0) }),
      text.take("\"\n    }")
    else { return nil }
    guard file == base, Self.offsets.contains(base), Self.offsets.contains(last), Self.natural.contains(size),
      Self.natural.contains(records), Self.batchCounts.contains(batches), Self.natural.contains(content),
      Self.natural.contains(largestRecord), Self.natural.contains(largestBatch)
    else { return nil }
    self.init(
      baseOffset: base, lastOffset: last, size: UInt64(size), timestampType: type, minTimestamp: minimum,
      maxTimestamp: maximum, batches: batches, contentBytes: UInt64(content), largestRecord: largestRecord,
      largestBatch: largestBatch, digest: RecordsDigest(records: records, timestamps: timestamps, rest: rest),
      sha256: sum, xxh3: fastSum, digestsSHA256: digestsSum)
  }

  /// As they are quoted.
  private static let timestampTypes = TimestampKind.allCases.map { ($0, Array("\"\($0.rawValue)\"".utf8)) }

  private static func timestampType(_ text: inout WrittenText) -> TimestampKind? {
    for (type, name) in timestampTypes where name.withUnsafeBytes({ text.take($0) }) { return type }
    return nil
  }

  private static let digitsOfOffset = 20

  /// More than `write` writes, with every number at its longest.
  static let longestText = 1000
  /// About what `write` writes.
  static let usualText = 800

  /// As an element of the list in a document that `IndexDocument` encodes.
  func write(to text: inout [UInt8]) {
    text.add("{\n      \"file\": \"")
    writeFile(to: &text)
    text.add("\"")
    text.add("size", Int64(clamping: size))
    text.add("timestampType") { $0 += timestampType.rawValue.utf8 }
    text.add("baseOffset", baseOffset)
    text.add("lastOffset", lastOffset)
    text.add("minTimestamp", minTimestamp)
    text.add("maxTimestamp", maxTimestamp)
    text.add("records", records)
    text.add("batches", batches)
    text.add("contentBytes", Int64(clamping: contentBytes))
    text.add("largestRecord", largestRecord)
    text.add("largestBatch", largestBatch)
    text.add(",\n      \"digest\": {\n        \"timestamps\": \"")
    digest.timestamps.write(to: &text)
    text.add("\",\n        \"rest\": \"")
    digest.rest.write(to: &text)
    text.add("\"\n      }")
    text.add("sha256") { sha256.write(to: &$0) }
    if let xxh3 { text.add("xxh3") { xxh3.write(to: &$0) } }
    text.add("digestsSha256") { digestsSHA256.write(to: &$0) }
    text.add("\n    }")
  }

  /// As `file` is.
  private func writeFile(to text: inout [UInt8]) {
    let digits = String(baseOffset).utf8
    text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, Self.digitsOfOffset - digits.count)))
    text += digits
    text += Self.suffix.utf8
  }
}

extension [UInt8] {
  mutating func add(_ text: StaticString) {
    self += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// A member that follows another one.
  fileprivate mutating func add(_ name: StaticString, _ number: Int64) {
    key(name)
    self += String(number).utf8
  }

  /// The same of a string in which nothing has to be escaped.
  fileprivate mutating func add(_ name: StaticString, _ string: (inout [UInt8]) -> Void) {
    key(name)
    add("\"")
    string(&self)
    add("\"")
  }

  private mutating func key(_ name: StaticString) {
    add(",\n      \"")
    add(name)
    add("\": ")
  }
}

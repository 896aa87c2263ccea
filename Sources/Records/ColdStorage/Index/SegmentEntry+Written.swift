import Crypto
import JSON

// An index may have tens of thousands of segments, and a restore sends nothing before it has read it: what we write ourselves is written and read without
// the detours that any other document takes.
extension SegmentEntry {
  /// From what `write` wrote, however it is spaced. Nil for anything else, be it an entry or not: then `init(reading:)` says.
  init?(asWritten view: JSONView) {
    guard var fields = OrderedMembers(view), let file = fields.text("file"), let size = fields.int("size"),
      let type = fields.text("timestampType"), let base = fields.int("baseOffset"),
      let last = fields.int("lastOffset"), let minimum = fields.int("minTimestamp"),
      let maximum = fields.int("maxTimestamp"), let records = fields.int("records"),
      let batches = fields.int("batches"), let content = fields.int("contentBytes"),
      let largestRecord = fields.int("largestRecord"), let largestBatch = fields.int("largestBatch"),
      var digests = fields.members("digest"), let sum = fields.text("sha256")
    else { return nil }
    var fastSum: XXH3Sum?
    if fields.isNext("xxh3") {
      guard let sum = fields.text("xxh3").flatMap({ XXH3Sum(hex: $0) }) else { return nil }
      fastSum = sum
    }
    guard let digestsSum = fields.text("digestsSha256"), fields.isAtEnd else { return nil }
    guard Self.offsets.contains(base), Self.offsets.contains(last), Self.isFile(file, of: base),
      let type = TimestampKind.allCases.first(where: { type.elementsEqual($0.rawValue.utf8) }),
      Self.natural.contains(size), Self.natural.contains(records), Self.batchCounts.contains(batches),
      Self.natural.contains(content), Self.natural.contains(largestRecord), Self.natural.contains(largestBatch)
    else { return nil }
    guard let timestamps = digests.text("timestamps").flatMap({ Digest(hex: $0) }),
      let rest = digests.text("rest").flatMap({ Digest(hex: $0) }), digests.isAtEnd,
      let sum = SHA256Sum(hex: sum), let digestsSum = SHA256Sum(hex: digestsSum)
    else { return nil }
    self.init(
      baseOffset: base, lastOffset: last, size: UInt64(size), timestampType: type, minTimestamp: minimum,
      maxTimestamp: maximum, batches: batches, contentBytes: UInt64(content), largestRecord: largestRecord,
      largestBatch: largestBatch, digest: RecordsDigest(records: records, timestamps: timestamps, rest: rest),
      sha256: sum, xxh3: fastSum, digestsSHA256: digestsSum)
  }

  private static let digitsOfOffset = 20

  private static func isFile(_ name: UnsafeRawBufferPointer, of baseOffset: Int64) -> Bool {
    guard name.count == digitsOfOffset + suffix.utf8.count,
      name[digitsOfOffset...].elementsEqual(suffix.utf8)
    else { return false }
    var rest = baseOffset
    for position in (0..<digitsOfOffset).reversed() {
      guard name[position] == UInt8(ascii: "0") + UInt8(rest % 10) else { return false }
      rest /= 10
    }
    return true
  }

  /// More than `write` writes, with every number at its longest.
  static let longestText = 1000

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
  fileprivate mutating func add(_ text: StaticString) {
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

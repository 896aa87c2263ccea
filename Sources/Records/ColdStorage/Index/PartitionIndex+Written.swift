import JSON

extension PartitionIndex {
  /// As `IndexDocument.encode` would write it, for any number of segments. Equal indexes have equal bytes: runs are pinned to their digest.
  var encoded: [UInt8] {
    var text = IndexDocument.encode(
      .object([
        "formatVersion": .int(Self.version), "topic": .string(topic), "partition": .int(Int64(partition)),
        "startOffset": .int(startOffset), "endOffset": .int(endOffset), "losses": .array(losses.map(\.json)),
        "segments": .array([]),
      ]))
    guard !segments.isEmpty else { return text }
    text.removeLast(Self.end.utf8CodeUnitCount)
    text.reserveCapacity(text.count + segments.count * SegmentEntry.longestText)
    for (number, segment) in segments.enumerated() {
      text += (number == 0 ? "\n    " : ",\n    ").utf8
      segment.write(to: &text)
    }
    text += "\n  ".utf8
    text.add(Self.end)
    return text
  }

  /// What an empty list of segments is followed by.
  private static let end: StaticString = "]\n}\n"

  /// From what `encoded` gave, to the last byte. Nil for anything else, be it an index or not: then `init(parsing:file:)` says.
  init?(asWritten bytes: [UInt8]) {
    let index = bytes.withUnsafeBytes { bytes -> PartitionIndex? in
      guard let start = Self.segments(in: bytes),
        var index = PartitionIndex(head: UnsafeRawBufferPointer(rebasing: bytes[..<start]))
      else { return nil }
      var text = WrittenText(UnsafeRawBufferPointer(rebasing: bytes[start...]))
      guard index.takeSegments(&text), text.count == 0, index.flaw == nil else { return nil }
      return index
    }
    guard let index else { return nil }
    self = index
  }

  /// The document without the segments, which must be spelled as we do.
  private init?(head: UnsafeRawBufferPointer) {
    var text = Array(head)
    text.add(Self.end)
    // What is wrong with it is said where the whole is read.
    guard let document = try? JSONDocument(parsing: text), let index = try? PartitionIndex(document, file: Self.file),
      index.encoded == text
    else { return nil }
    self = index
  }

  private mutating func takeSegments(_ text: inout WrittenText) -> Bool {
    if text.take(Self.end) { return true }
    segments.reserveCapacity(text.count / SegmentEntry.usualText)
    guard text.take("\n    ") else { return false }
    repeat {
      guard let segment = SegmentEntry(asWritten: &text) else { return false }
      segments.append(segment)
    } while text.take(",\n    ")
    return text.take("\n  ") && text.take(Self.end)
  }

  /// Where the list of segments begins, behind its bracket: on a line of its own, and no string goes over a line's end.
  private static func segments(in bytes: UnsafeRawBufferPointer) -> Int? {
    let mark = "\n  \"segments\": [".utf8
    var lines = bytes[...]
    while let end = lines.firstIndex(of: UInt8(ascii: "\n")) {
      if lines[end...].starts(with: mark) { return end + mark.count }
      lines = lines[(end + 1)...]
    }
    return nil
  }
}

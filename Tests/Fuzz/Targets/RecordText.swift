import ControlTopics

/// Records of control topics as a text that a fuzzer changes with some sense and a person can read:
///
///     commands restores/default/orders
///     ce_id: 1
///
///     {"command":"Enable"}
///     %%
///     specs installation
///     …
///
/// A key or value `~` is null. Any bytes are some such text.
struct RecordText {
  private(set) var records: [ControlRecord] = []

  init(_ bytes: [UInt8], only topic: ControlTopic? = nil) {
    var offset: Int64 = 0
    for part in Self.split(bytes, by: Array("\n%%\n".utf8)) {
      guard let record = Self.record(part, topic, offset) else { continue }
      records.append(record)
      offset += 1
    }
  }

  private static func record(_ bytes: ArraySlice<UInt8>, _ only: ControlTopic?, _ offset: Int64) -> ControlRecord? {
    var rest = bytes
    func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      defer { rest = rest[min(end + 1, rest.endIndex)...] }
      return rest[rest.startIndex..<end]
    }
    let first = line(&rest)
    let space = first.firstIndex(of: UInt8(ascii: " ")) ?? first.endIndex
    let named = ControlTopic(rawValue: String(decoding: first[..<space], as: UTF8.self))
    guard let topic = only ?? named else { return nil }
    var headers: [ControlRecord.Header] = []
    while case let header = line(&rest), !header.isEmpty {
      let colon = header.firstIndex(of: UInt8(ascii: ":")) ?? header.endIndex
      headers.append(
        ControlRecord.Header(
          String(decoding: header[..<colon], as: UTF8.self), nullable(header[colon...].dropFirst(2))))
    }
    return ControlRecord(
      topic: topic, offset: offset, timestamp: 1_790_000_000_000 + offset, key: nullable(first[space...].dropFirst()),
      value: nullable(rest), headers: headers)
  }

  private static func nullable(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    bytes.elementsEqual([UInt8(ascii: "~")]) ? nil : Array(bytes)
  }

  static func split(_ bytes: [UInt8], by separator: [UInt8]) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var (start, index) = (0, 0)
    while index + separator.count <= bytes.count {
      if bytes[index..<(index + separator.count)].elementsEqual(separator) {
        parts.append(bytes[start..<index])
        index += separator.count
        start = index
      } else {
        index += 1
      }
    }
    return parts + [bytes[start...]]
  }
}

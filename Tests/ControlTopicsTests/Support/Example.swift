import ControlTopics
import JSON

/// One line of `topics/*.examples.jsonl`: a record of its topic.
struct Example: CustomStringConvertible, Sendable {
  let topic: ControlTopic
  let offset: Int64
  let line: String
  let key: String?
  let headers: [ControlRecord.Header]
  let value: JSONValue

  private static let read = Dictionary(
    uniqueKeysWithValues: ControlTopic.allCases.map { topic in (topic, Result { try load(topic) }) })

  static func all(_ topic: ControlTopic) throws -> [Example] { try read[topic]?.get() ?? [] }

  private static func load(_ topic: ControlTopic) throws -> [Example] {
    let text = ContractFile.named("\(topic.rawValue).examples.jsonl")?.text ?? ""
    return try text.split(separator: "\n").enumerated().map { offset, line in
      try Example(topic, Int64(offset), String(line))
    }
  }

  private init(_ topic: ControlTopic, _ offset: Int64, _ line: String) throws {
    let json = try JSONValue.parse(line)
    self.topic = topic
    self.offset = offset
    self.line = line
    key = json["key"]?.string
    headers = (json["headers"]?.object ?? [:]).map { .init($0.key, $0.value.string ?? "") }
    value = json["value"] ?? .null
  }

  var record: ControlRecord { record(value) }

  func record(_ value: JSONValue) -> ControlRecord {
    ControlRecord(
      topic: topic, offset: offset, timestamp: 1_790_000_000_000 + offset, key: key.map { Array($0.utf8) },
      value: value.isNull ? nil : value.serialized(), headers: headers)
  }

  /// A record in the form of a line.
  static func line(_ record: OutgoingControlRecord) throws -> String {
    let headers = record.headers.map { ($0.name, JSONValue.string(String(decoding: $0.value ?? [], as: UTF8.self))) }
    let value: JSONValue = try record.value.map { try JSONValue.parse($0) } ?? .null
    // Parsing keeps the order of members, so that the text is that of the bytes.
    return JSONValue.object([
      "key": .string(String(decoding: record.key, as: UTF8.self)), "headers": .object(JSONObject(headers)),
      "value": value,
    ]).text()
  }

  var description: String { "\(topic.rawValue)@\(offset)" }
}

import ColdStorage
import CommandLineParser
import ControlTopics
import JSON
import RestoreModel
import YAML

enum TextTargets {
  /// jansson's reading, ours, and our writing.
  static func json(_ bytes: [UInt8]) throws {
    let parsed = Result { () throws(JSONParseError) in try JSONValue.parse(bytes) }
    let indexed = Result { () throws(JSONParseError) in try JSONDocument(parsing: bytes).read { $0.value } }
    try require(parsed == indexed, "the index reads \(indexed), jansson \(parsed)")
    guard let value = try? parsed.get() else { return }
    for style in [JSONValue.Style.compact, .pretty] {
      let written = value.serialized(style)
      try require(try JSONValue.parse(written) == value, "JSON that is written is read as another value: \(value)")
    }
    _ = value.applying(mergePatch: value)
  }

  static func yaml(_ bytes: [UInt8]) throws {
    var limits = YAMLLimits()
    // A few aliases reach it, and writing the value out shouldn't take the fuzzer's time.
    limits.expanded = 1 << 16
    guard let documents = try? YAMLStream.parse(bytes, limits: limits) else { return }
    for document in documents {
      _ = document.line(of: FieldPath([.member("metadata"), .member("name")]))
      let again = try YAMLStream.parse(document.value.yaml())
      try require(
        again.map(\.value) == [document.value], "YAML that is written is read as another value: \(document.value)")
    }
  }

  /// Keys, names and times: whatever is one is written as it was read.
  static func names(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    if let key = ResourceKey(parsing: text) { try require(key.description == text, "the key \(text) is \(key)") }
    if let key = RecordKey(bytes: bytes) { try require(key.bytes == bytes, "the key \(text) is \(key)") }
    if let time = Instant(rfc3339: text) {
      try require(Instant(rfc3339: time.description) == time, "\(text) is \(time), which is another time")
    }
    if let key = try? BlobKey(text) { try require(key.description == text, "the blob \(text) is \(key)") }
    _ = TopicName(text).isLegal
    _ = TopicNaming().topic(named: text)
  }

  /// A line of input is an argument; the shell's completion asks with such lines at every key.
  static func commandLine(_ bytes: [UInt8]) throws {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    _ = try? program.parse(lines.map(String.init), environment: ["X_REPEATS": lines.first.map(String.init) ?? ""])
  }

  /// One of everything that a command line may have.
  private static let program = Program(
    Command(
      "program", "A program",
      options: [
        .flag("flag", "a flag"), .value("value", "TEXT", "a value", default: "none"),
        .value("repeats", "TEXT", "one that repeats", repeats: true),
      ],
      subcommands: [
        Command("one", "One", options: [.flag("quick", "quick")], arguments: [.required("NAME", "a name")]),
        Command("many", "Many", arguments: [.repeating("NAME", "names")]),
      ]), environmentPrefix: "X_")
}

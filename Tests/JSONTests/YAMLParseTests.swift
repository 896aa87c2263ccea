import JSON
import Testing
import YAML
import Seeded

@Suite("Reading YAML") struct YAMLParseTests {
  private func one(_ text: String) throws -> JSONValue {
    let documents = try YAMLStream.parse(text)
    try #require(documents.count == 1)
    return documents[0].value
  }

  private func error(_ text: String, limits: YAMLLimits = YAMLLimits()) -> String? {
    do {
      _ = try YAMLStream.parse(text, limits: limits)
      return nil
    } catch { return error.description }
  }

  @Test("A document as people write it") func typical() throws {
    let value = try one(
      """
      # a restore
      apiVersion: thaw.io/v1   # with a comment
      spec:
        topics:
        - {source: orders, target: "orders-copy"}
        - source: 'it''s'
        text: >-
          folded
          line
        more: |
          kept
           as is
      """)
    #expect(
      value == [
        "apiVersion": "thaw.io/v1",
        "spec": [
          "topics": [["source": "orders", "target": "orders-copy"], ["source": "it's"]], "text": "folded line",
          "more": "kept\n as is",
        ],
      ])
  }

  @Test(
    "Plain scalars are what YAML 1.2 says, and quoted ones are strings",
    arguments: [
      ("true", true), ("False", false), ("yes", "yes"), ("on", "on"), ("n", "n"), ("null", .null), ("~", .null),
      ("a:", ["a": .null]),
      ("0", 0), ("-17", -17), ("+5", 5), ("0x1F", 31), ("0o17", 15), ("9223372036854775807", .int(.max)),
      ("-9223372036854775808", .int(.min)), ("1.5", 1.5), ("-.5", -0.5), ("5.", .double(5)), ("1e3", .double(1000)),
      ("+1.E+2", .double(100)),
      ("-0.0", .double(-0.0)), ("2021-01-01", "2021-01-01"), ("2021-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
      ("12:30:45", "12:30:45"),
      ("1_000", "1_000"), ("0b1", "0b1"), ("1.2.3", "1.2.3"), ("-", [.null]), (".", "."), ("+", "+"), ("1e", "1e"),
      ("0x", "0x"), ("0o8", "0o8"),
      ("-0x1F", "-0x1F"), ("e3", "e3"), ("\"1\"", "1"), ("'true'", "true"), ("\"\"", ""), ("!!str 1", "1"),
      ("! 1", "1"), ("!!int 7", 7),
      ("!!float 7", .double(7)), ("!!null ''", .null), ("!!bool true", true), ("!!seq [1]", [1]),
      ("!!map {a: 1}", ["a": 1]), ("\"\\u00e9\\0\"", "é\0"),
      ("{1: a, true: b, 010: c, \"x y\": d, 1.10: e}", ["1": "a", "true": "b", "010": "c", "x y": "d", "1.10": "e"]),
      ("inf", "inf"), ("Infinity", "Infinity"), ("nan", "nan"), ("1 2", "1 2"), ("٣", "٣"),
    ] as [(String, JSONValue)]) func scalars(text: String, value: JSONValue) throws
  {
    #expect(try one(text) == value)
  }

  @Test("Several documents are read, empty ones left out") func stream() throws {
    let documents = try YAMLStream.parse("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n---\n")
    #expect(documents.map(\.value) == [["a": 1], ["b": 2]])
    #expect(try YAMLStream.parse("") == [])
    #expect(try YAMLStream.parse("# only a comment\n") == [])
    #expect(try YAMLStream.parse("--- null").map(\.value) == [.null])
  }

  @Test("A byte order mark and Windows' line ends don't matter") func windows() throws {
    #expect(try one("\u{FEFF}a: 1\r\nb:\r\n- 2\r\n") == ["a": 1, "b": [2]])
  }

  @Test("Aliases stand for their anchors, within a document") func aliases() throws {
    #expect(
      try one("a: &x {b: 1}\nc: *x\nd: [*x, &y z, *y]\n*y : 2") == [
        "a": ["b": 1], "c": ["b": 1], "d": [["b": 1], "z", "z"], "z": 2,
      ])
    #expect(try one("- &a 1\n- &a 2\n- *a") == [1, 2, 2])
    #expect(error("a: &x 1\n---\nb: *x") == "line 3, column 4: no anchor \"x\" stands complete before this alias")
    #expect(error("a: &x [1, *x]") == "line 1, column 11: no anchor \"x\" stands complete before this alias")
  }

  @Test("Merge keys fill in what is not there") func merge() throws {
    let text = "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\n"
    let base: [(String, JSONValue)] = [("base", ["x": 1, "y": 2]), ("more", ["y": 3, "z": 4])]
    #expect(try one(text + "v:\n  <<: *b\n  y: 9") == .object(JSONObject(base + [("v", ["x": 1, "y": 9])])))
    #expect(
      try one(text + "v:\n  y: 9\n  <<: [*m, *b]") == .object(JSONObject(base + [("v", ["x": 1, "y": 9, "z": 4])])))
    #expect(try one("{\"<<\": 1}") == ["<<": 1])
    #expect(error("a:\n  <<: 1") == "line 2, column 3: << must be a mapping or a list of them, not a number")
  }

  @Test(
    "Errors name line and column",
    arguments: [
      ("a: 1\n\tb: 2", "line 2, column 1: a tab stands where only spaces may"),
      (
        "a:\n  b: 1\n c: 2",
        "line 3, column 2: did not find expected key (while parsing a block mapping that began in line 1)"
      ),
      ("a: 1\nb: 2\na: 3", "line 3, column 1: the key \"a\" occurs twice"),
      ("{a: 1, \"a\": 2}", "line 1, column 8: the key \"a\" occurs twice"),
      (
        "é: [1, 2",
        "line 2, column 1: did not find expected ',' or ']' (while parsing a flow sequence that began in line 1)"
      ),
      ("? [a]\n: 1", "line 1, column 3: a key must be a string"), ("~: 1", "line 1, column 1: a key must be a string"),
      ("\"a\\0\": 1", "line 1, column 1: a key can't hold a NUL"),
      ("a: 99999999999999999999", "line 1, column 4: the number doesn't fit 64 bits; quote it if it is text"),
      ("a: 0xFFFFFFFFFFFFFFFFF", "line 1, column 4: the number doesn't fit 64 bits; quote it if it is text"),
      ("a: 1e999", "line 1, column 4: the number is larger than a double can hold"),
      ("a: -.inf", "line 1, column 4: infinity and what is not a number have no JSON form; quote it if it is text"),
      (
        "a: 0644",
        "line 1, column 4: a number with leading zeros can mean two things; quote it if it is text, write 0o… if it is octal"
      ),
      ("a: !!binary aGk=", "line 1, column 4: the value is not what the tag \"tag:yaml.org,2002:binary\" promises"),
      ("a: !!int x", "line 1, column 4: the value is not what the tag \"tag:yaml.org,2002:int\" promises"),
      ("a: !mine x", "line 1, column 4: the tag \"!mine\" is not known"),
      ("a: !!map [x]", "line 1, column 4: the tag \"tag:yaml.org,2002:map\" doesn't fit here"),
      ("a: *x", "line 1, column 4: no anchor \"x\" stands complete before this alias"),
      ("a: 'x", "line 1, column 6: found unexpected end of stream"),
      ("a: @x", "line 1, column 4: found character that cannot start any token"),
      ("a: 1\nb: \u{0}x", "line 2, column 4: control characters are not allowed"),
    ]) func errors(text: String, description: String)
  {
    #expect(error(text) == description)
  }

  @Test("Invalid UTF-8 is refused where it stands") func invalidUTF8() {
    let error = #expect(throws: YAMLError.self) { try YAMLStream.parse(Array("a: é\nb: ".utf8) + [0xFF]) }
    #expect(error?.position == YAMLPosition(line: 2, column: 4))
    #expect(throws: YAMLError.self) { try YAMLStream.parse([0xFF, 0xFE, 0x61, 0x00]) }
    #expect(throws: YAMLError.self) { try YAMLStream.parse("\"\\ud800\"") }
  }

  @Test("An error doesn't repeat values") func secrets() {
    for text in [
      "a: [hunter2", "a: 'hunter2", "hunter2: hunter2: hunter2", "a: 0hunter2\n\tb", "a: &x hunter2\na: hunter2",
    ] {
      #expect(error(text)?.contains("hunter2") == false, "\(text)")
    }
  }

  @Test("Deep nesting is refused early", arguments: ["[", "{a: ", "- ", "? ", "&a [", "a:\n "]) func deep(open: String)
  {
    #expect(error(String(repeating: open, count: 20_000)) != nil)
  }

  @Test("Nesting is bounded exactly") func depth() throws {
    var limits = YAMLLimits()
    limits.depth = 3
    #expect(error("[[[1]]]", limits: limits) == nil)
    #expect(error("[[[[1]]]]", limits: limits)?.contains("more than 3 deep") == true)
  }

  @Test("Aliases to aliases can't blow a document up") func bomb() {
    var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for level in 1...40 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(error(text)?.contains("when its aliases are replaced") == true)
    let long =
      "a: &a \"\(String(repeating: "x", count: 1_000_000))\"\nb: [\(Array(repeating: "*a", count: 100).joined(separator: ", "))]"
    #expect(error(long)?.contains("when its aliases are replaced") == true)
  }

  @Test("A text beyond the bound is refused before it is read") func size() {
    var limits = YAMLLimits()
    limits.bytes = 4
    #expect(error("a: 1", limits: limits) == nil)
    #expect(error("a: 12", limits: limits) == "line 1, column 1: the text is larger than 4 bytes")
  }

  @Test("Each part of a document knows its line") func lines() throws {
    let document = try #require(
      try YAMLStream.parse(
        """
        # comment
        config:
          topics:
          - source: a
          - source: b
            target:
              long
          labels: {"x.y/z": 1,
            b: 2}
        """
      ).first)
    #expect(document.line(of: .root) == 2)
    #expect(document.line(of: FieldPath.root["config"]["topics"]) == 3)
    #expect(document.line(of: FieldPath.root["config"]["topics"][1]) == 5)
    #expect(document.line(of: FieldPath.root["config"]["topics"][1]["target"]) == 6)
    #expect(document.position(of: FieldPath.root["config"]["labels"]["b"]) == YAMLPosition(line: 9, column: 5))
    // What isn't there: the nearest above.
    #expect(document.line(of: FieldPath.root["config"]["topics"][0]["target"]) == 4)
    #expect(document.line(of: FieldPath.root["config"]["topics"][7]) == 3)
    #expect(document.line(of: FieldPath.root["nothing"][0]) == 2)
  }

  @Test("JSON is read as well, with what only JSON allows") func json() throws {
    #expect(try one("{\n\t\"a\": [1, \"\\/\\u00e9\"]\n}") == ["a": [1, "/é"]])
    #expect(try one(#"{"a":"\ud83d\ude00"}"#) == ["a": "😀"])
    let key = String(repeating: "k", count: 2000)
    #expect(try one("{\"\(key)\":1}") == [key: 1])
  }

  @Test("Random JSON is read as YAML alike", arguments: 1...100 as ClosedRange<UInt64>) func superset(seed: UInt64)
    throws
  {
    var random = RandomJSON(seed: seed)
    let value = JSONValue.array([random.value()])
    #expect(try one(value.text()) == value)
    #expect(try one(value.text(.pretty)) == value)
  }

  @Test("Damaged documents are read or refused, and nothing else happens", arguments: 1...100 as ClosedRange<UInt64>)
  func damaged(seed: UInt64) {
    var generator = SeededGenerator(seed)
    var random = RandomJSON(seed: seed)
    var bytes = Array(random.value().yaml().utf8)
    for _ in 0..<20 where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
      case 1: bytes.remove(at: place)
      default: bytes.insert(Array("[]{}&*!|>'\"%@`\t\n:-?, #".utf8).randomElement(using: &generator) ?? 0, at: place)
      }
      if let documents = try? YAMLStream.parse(bytes) {
        for document in documents {
          #expect((try? YAMLStream.parse(document.value.yaml()).map(\.value)) == [document.value])
        }
      }
    }
  }
}

import JSON
import Testing

/// Two readers of one language: whatever the quick one accepts, the thorough one reads alike.
@Suite("Reading quickly and thoroughly") struct PlainDocumentTests {
  private func agree(_ bytes: [UInt8], _ comment: Comment, _ location: SourceLocation = #_sourceLocation) {
    let quick = Result { try JSONValue.parse(bytes, root: .container) }
    let thorough = Result { try JSONValue.parseThoroughly(bytes, root: .container) }
    switch (quick, thorough) {
    case (.success(let one), .success(let other)):
      #expect(one == other, comment, sourceLocation: location)
      // Members must stand in the same order, too.
      #expect(one.serialized() == other.serialized(), comment, sourceLocation: location)
    case (.failure(let one), .failure(let other)):
      #expect(one as? JSONParseError == other as? JSONParseError, comment, sourceLocation: location)
    default: Issue.record("\(comment): one reads \(bytes), the other doesn't", sourceLocation: location)
    }
  }

  @Test("Whatever is written", arguments: 0..<300 as Range<UInt64>) func written(seed: UInt64) {
    var random = RandomJSON(seed: seed)
    let value: JSONValue = ["value": random.value(), "list": [random.value(depth: 3)]]
    for style in [JSONValue.Style.compact, .pretty, .canonical] { agree(value.serialized(style), "seed \(seed)") }
  }

  @Test("Whatever it is damaged to", arguments: 0..<300 as Range<UInt64>) func damaged(seed: UInt64) {
    var random = RandomJSON(seed: seed)
    var generator = SeededGenerator(seed: seed)
    let value: JSONValue = ["a": random.value(), "b": random.value(depth: 2)]
    let interesting = Array("\"\\{}[]:,0123456789-+.eE tfnu/\n\t\u{0}\u{1F}é".utf8) + [0x80, 0xC0, 0xED, 0xFF]
    for round in 0..<40 {
      var bytes = value.serialized(round.isMultiple(of: 2) ? .compact : .pretty)
      for _ in 0...Int.random(in: 0...2, using: &generator) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(interesting.randomElement(using: &generator) ?? 0, at: place)
        case 2: bytes[place] = interesting.randomElement(using: &generator) ?? 0
        default: bytes.removeLast(bytes.count - place)
        }
      }
      agree(bytes, "seed \(seed), round \(round)")
    }
  }

  @Test(
    "What is easily read differently",
    arguments: [
      #"{"a":-0}"#, #"{"a":0}"#, #"{"a":00}"#, #"{"a":-}"#, #"{"a":01}"#, #"{"a":-01}"#, #"{"a":1.0}"#, #"{"a":1e2}"#,
      #"{"a":1E2}"#, #"{"a":999999999999999999}"#, #"{"a":1000000000000000000}"#, #"{"a":9223372036854775807}"#,
      #"{"a":-9223372036854775808}"#, #"{"a":9223372036854775808}"#, #"{"a":1 }"#, #"{"a":1x}"#, #"{"a":truex}"#,
      #"{"a":tru}"#, #"{"a":null,}"#, #"{"a" : [ ] , "b" : { } }"#, #"{"a":1}{"#, #"{"a":1} x"#, #"{"a":1,"a":2}"#,
      #"{"a":1,"\u0061":2}"#, #"{"a\/":1,"a/":2}"#, #"{"é":1,"é":2}"#, #"{"a":"\u00e9\n\/\b\f\r\t\"\\"}"#,
      #"{"a":"\x"}"#, #"{"a":"\"#, #"{"a":"#, #"{"#, #"["#, #"[1"#, #"[1 2]"#, #"["a":1]"#, #"{"a"}"#, #"{a:1}"#,
      #"{"a":'x'}"#,
      "{\"a\":\"\t\"}", "{\"a\":\"\u{7F}\u{85}\u{2028}\"}", "\u{FEFF}{}", "{\u{A0}\"a\":1}", "{\"a\":1\u{0}}",
      "{}\u{0}",
      "{\u{B}}", "{\u{C}}", "[]", "[ ]", "[[]]", " \r\n\t{} ", "\"a\"", "1", "", "{\"\":1}",
    ]) func cases(text: String)
  {
    agree(Array(text.utf8), "\(text)")
  }

  @Test(
    "Bytes that are no text",
    arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]])
  func bytes(bytes: [UInt8]) {
    for (before, after) in [("{\"", "\":1}"), ("{\"a\":\"", "\"}"), ("{\"a\":\"\\n", "\"}"), ("{", "}")] {
      agree(Array(before.utf8) + bytes + Array(after.utf8), "\(bytes)")
    }
  }

  @Test("Nesting and members without end", arguments: [31, 32, 33, 64, 65, 2047, 2048, 2049]) func large(count: Int) {
    agree(
      Array(String(repeating: "[", count: count).utf8) + Array(String(repeating: "]", count: count).utf8), "\(count)")
    let members = (0..<count).map { "\"k\($0)\":\($0)" }
    agree(Array("{\(members.joined(separator: ","))}".utf8), "\(count)")
    agree(Array("{\((members + ["\"k0\":1"]).joined(separator: ","))}".utf8), "\(count), one twice")
  }
}

import JSON
import Testing

/// As the whole value and as a document to be read in part: both must say the same.
private func parse(_ bytes: [UInt8], root: JSONValue.Root = .any) throws(JSONParseError) -> JSONValue {
  let value = Result { () throws(JSONParseError) in try JSONValue.parse(bytes, root: root) }
  let document = Result { () throws(JSONParseError) in try JSONDocument(parsing: bytes, root: root).read { $0.value } }
  #expect(value == document)
  return try value.get()
}

private func parse(_ text: String, root: JSONValue.Root = .any) throws(JSONParseError) -> JSONValue {
  try parse(Array(text.utf8), root: root)
}

@Suite("Parsing JSON") struct JSONParseTests {
  @Test("Every kind of value is read") func kinds() throws {
    let value = try parse(#"{"a":[null,true,false,-1,1.5,"x"],"b":{}}"#)
    #expect(value == ["a": [.null, true, false, -1, 1.5, "x"], "b": [:]])
    #expect(value["a"]?[3]?.int == -1)
  }

  @Test("Members keep the order of the document, in small objects and in large ones", arguments: [3, 8, 9, 100])
  func order(count: Int) throws {
    let keys = (0..<count).map { "k\(($0 * 37) % 101)" }
    let text = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    #expect(try parse(text).object?.keys == keys)
  }

  @Test("Integers are exact to 64 bits") func integers() throws {
    #expect(try parse("9223372036854775807").int == .max)
    #expect(try parse("-9223372036854775808").int == .min)
    #expect(try parse("9007199254740993").int == 9_007_199_254_740_993)
  }

  @Test(
    "What is no JSON, or more than we can hold exactly, is refused",
    arguments: [
      "", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "01", "+1", ".5", "1.", "nul", "NaN", "Infinity", "1 2",
      "[1] x",
      "\"\u{1}\"", "\"\\x\"", "\u{FEFF}{}", "// no\n1", "9223372036854775808", "-9223372036854775809", "1e999",
      "-1e999",
      #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#,
      #"{"a\u0000b":1}"#,
    ]) func refused(text: String)
  {
    #expect(throws: JSONParseError.self) { try parse(text) }
  }

  @Test(
    "Invalid UTF-8 is refused",
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
      [0x22, 0xE2, 0x82, 0x22], [0x22, 0xE2], [0x31, 0x00], [0x5B, 0x5D, 0x00, 0x78], [0x00], [0x22, 0x00, 0x22],
    ] as [[UInt8]]) func invalidUTF8(bytes: [UInt8])
  {
    #expect(throws: JSONParseError.self) { try parse(bytes) }
  }

  @Test("An escaped NUL may stand in a string") func nul() throws {
    let value = try parse(#""a\u0000b""#)
    #expect(value.string?.utf8.elementsEqual([0x61, 0, 0x62]) == true)
    #expect(value.text() == #""a\u0000b""#)
  }

  @Test("Nesting is bounded", arguments: ["[", "{\"a\":"]) func nesting(open: String) {
    let error = #expect(throws: JSONParseError.self) {
      try parse(String(repeating: open, count: 1_000_000))
    }
    #expect(error?.text == "maximum parsing depth reached")
  }

  @Test("Nesting up to the bound can be read, compared, hashed and written") func deepest() throws {
    let text = String(repeating: "[", count: 2048) + String(repeating: "]", count: 2048)
    let value = try parse(text)
    #expect(value == (try parse(text)))
    #expect(Set([value]).contains(value))
    #expect(value.text() == text)
  }

  @Test("An error names line and column, and keeps the document's words apart") func errors() {
    let error = #expect(throws: JSONParseError.self) {
      try parse("{\"password\":\n  hunter2}")
    }
    #expect(error?.line == 2)
    #expect(error?.column == 8)
    #expect(error?.position == 21)
    #expect(error?.description == "line 2, column 8: invalid token")
    #expect(error?.excerpt == "hunter")
    #expect(error?.descriptionWithExcerpt.contains("hunter") == true)
  }

  @Test("A NUL byte is found where it stands, even after the end") func nulByte() {
    let error = #expect(throws: JSONParseError.self) { try parse("{}\n  \u{0}garbage") }
    #expect(error?.description == "line 2, column 3: a NUL byte stands in the document")
  }

  @Test("A scalar at the root can be refused") func root() throws {
    #expect(throws: JSONParseError.self) { try parse("1", root: .container) }
    #expect(try parse("[]", root: .container) == [])
  }

  @Test("Bytes that are not contiguous are read as well") func scattered() throws {
    let text = Array("[1,2]".utf8)
    #expect(try JSONValue.parse(text.reversed().reversed()) == [1, 2])
    #expect(try JSONValue.parse(text[...].lazy.map { $0 }) == [1, 2])
  }

  @Test(
    "What an index can hold and what it just can't is read alike",
    arguments: [
      "-0", "-", "-01", "0", "00", "999999999999999999", "1000000000000000000", "-999999999999999999", "1.5", "1e3",
      "1E3", "-0.0", "1.e", " \t\r\n1\n", "true", "truex", "tru", "nulll", "[true false]", "[]", "[ ]", "[,]", "[1,]",
      "{ }", "{,}", #"{"a" : 1 , "b":[ ] }"#, #"{"a":1 "b":2}"#, #"{"a"}"#, #"{"a":}"#, #"{1:2}"#,
      #""\"\\\/\b\f\n\r\t""#, #""\u00e9\ud83d\ude00""#, #""\x""#, #""\""#, #""abc"#, #"{"\/":1,"/":2}"#,
      #"{"\n":1,"n":2}"#, #"{"é":1,"é":2}"#, #"{"ab":1,"ac":2,"ab":3}"#, "\"✅ Done \u{10FFFF}\"", "\"\u{7F}\"",
      "[[1,[2,{}]],3]", #"{"a":{"b":[{"c":{}},[]]},"d":"e"}"#, "[1][2]", "1 ", "\u{A0}1",
    ]) func index(text: String)
  {
    _ = try? parse(text)
    _ = try? parse(text, root: .container)
    // Cut off anywhere, and with any one byte broken.
    let bytes = Array(text.utf8)
    for length in 0..<bytes.count { _ = try? parse(Array(bytes[..<length])) }
    for position in bytes.indices {
      for byte: UInt8 in [0x00, 0x1F, 0x22, 0x30, 0x5C, 0x5D, 0x75, 0x80, 0xC3, 0xED, 0xFF] {
        var broken = bytes
        broken[position] = byte
        _ = try? parse(broken)
      }
    }
  }

  @Test("Objects are read alike at any size, with all keys and with one twice", arguments: [0, 1, 63, 64, 65, 200])
  func sizes(count: Int) throws {
    let members = (0..<count).map { "\"k\($0)\":[\($0)]" }
    let value = try parse("{" + members.joined(separator: ",") + "}")
    #expect(value.object?.count == count)
    let twice = members + ["\"k\(count / 2)\":0"]
    if count > 0 { #expect(throws: JSONParseError.self) { try parse("{" + twice.joined(separator: ",") + "}") } }
  }

  @Test("Nesting is read alike at any depth", arguments: [1, 63, 64, 65, 66, 2047])
  func depths(depth: Int) throws {
    #expect(try parse(String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).array != nil)
    let objects = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
    #expect(try parse(objects).object?.count == 1)
  }

  @Test("Any value is read alike, however it is written", arguments: 0..<200 as Range<UInt64>)
  func random(seed: UInt64) throws {
    var random = RandomJSON(seed: seed)
    let value = random.value()
    for style in [JSONValue.Style.compact, .pretty, .canonical] {
      #expect(try parse(value.serialized(style)) == value, "seed \(seed)")
    }
  }
}

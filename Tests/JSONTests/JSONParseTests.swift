import JSON
import Testing

@Suite("Parsing JSON") struct JSONParseTests {
  @Test("Every kind of value is read") func kinds() throws {
    let value = try JSONValue.parse(#"{"a":[null,true,false,-1,1.5,"x"],"b":{}}"#)
    #expect(value == ["a": [.null, true, false, -1, 1.5, "x"], "b": [:]])
    #expect(value["a"]?[3]?.int == -1)
  }

  @Test("Members keep the order of the document, in small objects and in large ones", arguments: [3, 8, 9, 100])
  func order(count: Int) throws {
    let keys = (0..<count).map { "k\(($0 * 37) % 101)" }
    let text = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    #expect(try JSONValue.parse(text).object?.keys == keys)
  }

  @Test("Integers are exact to 64 bits") func integers() throws {
    #expect(try JSONValue.parse("9223372036854775807").int == .max)
    #expect(try JSONValue.parse("-9223372036854775808").int == .min)
    #expect(try JSONValue.parse("9007199254740993").int == 9_007_199_254_740_993)
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
    #expect(throws: JSONParseError.self) { try JSONValue.parse(text) }
  }

  @Test(
    "Invalid UTF-8 is refused",
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
      [0x22, 0xE2, 0x82, 0x22], [0x22, 0xE2], [0x31, 0x00], [0x5B, 0x5D, 0x00, 0x78], [0x00], [0x22, 0x00, 0x22],
    ] as [[UInt8]]) func invalidUTF8(bytes: [UInt8])
  {
    #expect(throws: JSONParseError.self) { try JSONValue.parse(bytes) }
  }

  @Test("An escaped NUL may stand in a string") func nul() throws {
    let value = try JSONValue.parse(#""a\u0000b""#)
    #expect(value.string?.utf8.elementsEqual([0x61, 0, 0x62]) == true)
    #expect(value.text() == #""a\u0000b""#)
  }

  @Test("Nesting is bounded", arguments: ["[", "{\"a\":"]) func nesting(open: String) {
    let error = #expect(throws: JSONParseError.self) {
      try JSONValue.parse(String(repeating: open, count: 1_000_000))
    }
    #expect(error?.text == "maximum parsing depth reached")
  }

  @Test("Nesting up to the bound can be read, compared, hashed and written") func deepest() throws {
    let text = String(repeating: "[", count: 2048) + String(repeating: "]", count: 2048)
    let value = try JSONValue.parse(text)
    #expect(value == (try JSONValue.parse(text)))
    #expect(Set([value]).contains(value))
    #expect(value.text() == text)
  }

  @Test("An error names line and column, and keeps the document's words apart") func errors() {
    let error = #expect(throws: JSONParseError.self) {
      try JSONValue.parse("{\"password\":\n  hunter2}")
    }
    #expect(error?.line == 2)
    #expect(error?.column == 8)
    #expect(error?.position == 21)
    #expect(error?.description == "line 2, column 8: invalid token")
    #expect(error?.excerpt == "hunter")
    #expect(error?.descriptionWithExcerpt.contains("hunter") == true)
  }

  @Test("A NUL byte is found where it stands, even after the end") func nulByte() {
    let error = #expect(throws: JSONParseError.self) { try JSONValue.parse("{}\n  \u{0}garbage") }
    #expect(error?.description == "line 2, column 3: a NUL byte stands in the document")
  }

  @Test("A scalar at the root can be refused") func root() throws {
    #expect(throws: JSONParseError.self) { try JSONValue.parse("1", root: .container) }
    #expect(try JSONValue.parse("[]", root: .container) == [])
  }

  @Test("Bytes that are not contiguous are read as well") func scattered() throws {
    let text = Array("[1,2]".utf8)
    #expect(try JSONValue.parse(text.reversed().reversed()) == [1, 2])
    #expect(try JSONValue.parse(text[...].lazy.map { $0 }) == [1, 2])
  }
}

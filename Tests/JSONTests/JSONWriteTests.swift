import JSON
import Testing
import Seeded

@Suite("Writing JSON") struct JSONWriteTests {
  @Test("Random values survive writing and reading, in every style", arguments: 1...200 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = RandomJSON(seed: seed)
    let value = random.value()
    for style in [JSONValue.Style.compact, .pretty, .canonical] {
      #expect(try JSONValue.parse(value.serialized(style)) == value)
    }
    // Order counts only in the two that keep it.
    #expect(try JSONValue.parse(value.serialized(.compact)).serialized(.compact) == value.serialized(.compact))
  }

  @Test("Equal values have the same canonical bytes and the same hash", arguments: 1...50 as ClosedRange<UInt64>)
  func canonical(seed: UInt64) {
    var random = RandomJSON(seed: seed)
    let value = random.value()
    let other = reversed(value)
    #expect(value == other)
    #expect(value.hashValue == other.hashValue)
    #expect(value.serialized(.canonical) == other.serialized(.canonical))
  }

  private func reversed(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements): .array(elements.map(reversed))
    case .object(let members): .object(JSONObject(members.reversed().map { ($0.key, reversed($0.value)) }))
    default: value
    }
  }

  @Test("The canonical form sorts by bytes, without white space") func canonicalForm() {
    let value: JSONValue = ["b": 1, "a": ["z": .null, "é": 1.5, "Z": "\u{1F}/\"\\\n\u{7F}é😀"], "aa": [], "": [:]]
    #expect(
      value.text(.canonical)
        == #"{"":{},"a":{"Z":"\u001F/\"\\\n"# + "\u{7F}é😀" + #"","z":null,"é":1.5},"aa":[],"b":1}"#)
  }

  @Test("The other forms keep the order of members") func order() {
    let value: JSONValue = ["b": [1, ["c": true]], "a": []]
    #expect(value.text(.compact) == #"{"b":[1,{"c":true}],"a":[]}"#)
    #expect(
      value.text(.pretty) == """
        {
          "b": [
            1,
            {
              "c": true
            }
          ],
          "a": []
        }
        """)
  }

  @Test("What has no JSON form is null") func nonFinite() {
    #expect(JSONValue.array([.double(.infinity), .double(.nan), .double(-.infinity)]).text() == "[null,null,null]")
  }

  @Test("A writer's buffer grows and is used again") func writer() {
    var writer = JSONWriter(capacity: 1)
    for count in [0, 1, 100, 100_000, 3] {
      let value = JSONValue.string(String(repeating: "x", count: count))
      let written = writer.write(value, .compact) { Array($0) }
      #expect(written.count == count + 2)
      #expect(written == value.serialized())
    }
  }

  @Test("A body's error comes through a writer") func writerError() {
    var writer = JSONWriter()
    let result: Result<Int, Stop> = Result { () throws(Stop) in
      try writer.write(.null, .compact) { (_) throws(Stop) -> Int in throw Stop() }
    }
    #expect(result == .failure(Stop()))
  }
}

private struct Stop: Error, Equatable {}

@Suite("JSON values") struct JSONValueTests {
  @Test("Keys and strings that Swift takes for equal are two, when their bytes differ") func exact() throws {
    let composed = "\u{E9}"
    let decomposed = "e\u{301}"
    #expect(composed == decomposed)
    #expect(JSONValue.string(composed) != .string(decomposed))
    let object: JSONObject = [composed: 1, decomposed: 2]
    #expect(object.count == 2)
    #expect(object[composed] == 1)
    #expect(object[decomposed] == 2)
    #expect(try JSONValue.parse(JSONValue.object(object).serialized()) == .object(object))
  }

  @Test("Integers and doubles are different, and so are the two zeros") func numbers() {
    #expect(JSONValue.int(1) != .double(1))
    #expect(JSONValue.double(0) != .double(-0.0))
    #expect(JSONValue.double(.nan) == .double(.nan))
  }

  @Test("An object behaves like a plain list of members", arguments: 1...50 as ClosedRange<UInt64>) func object(
    seed: UInt64
  ) {
    var generator = SeededGenerator(seed)
    var object = JSONObject()
    var model: [(String, JSONValue)] = []
    for step in 0..<200 {
      let key = "k\(Int.random(in: 0..<20, using: &generator))"
      let place = model.firstIndex { $0.0 == key }
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        #expect(object.remove(key) == place.map { model[$0].1 })
        if let place { model.remove(at: place) }
      case 1:
        #expect(object.insert(.int(Int64(step)), for: key) == (place == nil))
        if place == nil { model.append((key, .int(Int64(step)))) }
      default:
        object[key] = .int(Int64(step))
        if let place { model[place].1 = .int(Int64(step)) } else { model.append((key, .int(Int64(step)))) }
      }
      #expect(object.keys == model.map(\.0))
      #expect(object.values == model.map(\.1))
      #expect(object[key] == model.first { $0.0 == key }?.1)
    }
  }

  @Test("Objects with other members or other values differ") func unequal() {
    #expect(["a": 1] as JSONObject != ["a": 2])
    #expect(["a": 1] as JSONObject != ["b": 1])
    #expect(["a": 1] as JSONObject != ["a": 1, "b": 1])
    #expect(["a": .null] as JSONValue != [:])
  }

  @Test("Subscripts reach in, and beyond is nil") func subscripts() {
    let value: JSONValue = ["a": [1, ["b": "c"]]]
    #expect(value["a"]?[1]?["b"] == "c")
    #expect(value["a"]?[2] == nil)
    #expect(value["a"]?[-1] == nil)
    #expect(value["x"] == nil)
    #expect(value[0] == nil)
  }

  @Test(
    "Merge patches do what RFC 7396's appendix says",
    arguments: [
      (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
      (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
      (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
      (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
      (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
      (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"), (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
      (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
      ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ]) func mergePatch(target: String, patch: String, result: String) throws
  {
    #expect(try JSONValue.parse(target).applying(mergePatch: JSONValue.parse(patch)) == JSONValue.parse(result))
  }
}

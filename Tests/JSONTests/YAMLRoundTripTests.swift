import JSON
import Testing
import YAML

@Suite("Writing YAML") struct YAMLWriteTests {
  @Test("Random values survive writing and reading", arguments: 1...400 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = RandomJSON(seed: seed)
    let values = (0..<3).map { _ in random.value() }
    for value in values {
      let text = value.yaml()
      #expect(try YAMLStream.parse(text).map(\.value) == [value], "\(text)")
    }
    #expect(try YAMLStream.parse(JSONValue.yaml(values)).map(\.value) == values)
  }

  @Test("Every awkward string survives as value, key, element and line of a block", arguments: RandomJSON.awkward)
  func awkward(string: String) throws {
    var value: JSONValue = [
      "value": .string(string), "list": [.string(string), [.string(string)]], "block": .string("x\n\(string)\ny\n"),
    ]
    if case .object(var object) = value {
      object["key"] = .object([string: [string: 1]])
      value = .object(object)
    }
    #expect(try YAMLStream.parse(value.yaml()).map(\.value) == [value], "\(value.yaml())")
  }

  @Test("Any character survives in a string and in a key") func characters() throws {
    let scalars =
      (0...0x2FFF).compactMap(Unicode.Scalar.init)
      + [0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10FFFF].compactMap(Unicode.Scalar.init)
    var object = JSONObject()
    for scalar in scalars where scalar != "\0" { object["\(scalar)x"] = .string("x\(scalar)") }
    object["nul"] = "\0"
    #expect(try YAMLStream.parse(JSONValue.object(object).yaml()).map(\.value) == [.object(object)])
  }

  @Test("A long key survives", arguments: [127, 128, 510, 512, 1023, 1024, 5000]) func longKeys(length: Int) throws {
    for value in [1, "a", [1], ["a": 1], [:], "x\ny"] as [JSONValue] {
      let document: JSONValue = ["a": .object([String(repeating: "k", count: length): value, "b": 2])]
      #expect(try YAMLStream.parse(document.yaml()).map(\.value) == [document])
    }
  }

  @Test("A document looks as people write it") func looks() {
    let value: JSONValue = [
      "apiVersion": "thaw.io/v1",
      "metadata": ["name": "orders", "uid": "269eacbc-5a3c-80e2-a635-d2b065b3db0d", "labels": [:]],
      "spec": [
        "topics": [["source": "orders", "target": "orders-copy"], ["source": "a b", "partitions": [0, 1]]],
        "timeout": "10s", "since": "2021-01-01T00:00:00Z", "on": "yes", "ratio": 0.5, "nothing": .null, "list": [],
        "nested": [[1, [2]], [[:]]], "text": "one\n  two\n\nthree\n", "cut": "a\nb", "version": "1.10", "port": "9092",
      ],
    ]
    #expect(
      value.yaml() == """
        apiVersion: thaw.io/v1
        metadata:
          name: orders
          uid: "269eacbc-5a3c-80e2-a635-d2b065b3db0d"
          labels: {}
        spec:
          topics:
          - source: orders
            target: orders-copy
          - source: a b
            partitions:
            - 0
            - 1
          timeout: 10s
          since: "2021-01-01T00:00:00Z"
          "on": "yes"
          ratio: 0.5
          nothing: null
          list: []
          nested:
          - - 1
            - - 2
          - - {}
          text: |
            one
              two

            three
          cut: |-
            a
            b
          version: "1.10"
          port: "9092"

        """)
  }
}

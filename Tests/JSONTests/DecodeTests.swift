import JSON
import Testing

private enum Mode: String, CaseIterable { case fast, careful, manual }

private struct Topic: Equatable {
  let source: String
  let target: String?
  let partitions: [Int64]
}

private struct Spec: Equatable {
  let name: String
  let parallelism: Int64
  let mode: Mode?
  let topics: [Topic]
  let labels: [String: String]
  let enabled: Bool
}

private func readTopic(_ fields: inout ObjectReader) -> Topic? {
  let source = fields.string("source")
  let target = fields.optionalString("target")
  let partitions = fields.optionalList("partitions") { value, path, errors -> Int64? in
    if let int = value.int { return int }
    errors.add(path, "must be a whole number, not \(value.kind)")
    return nil
  }
  fields.finish()
  guard let source else { return nil }
  return Topic(source: source, target: target, partitions: partitions ?? [])
}

private func readFields(_ fields: inout ObjectReader) -> Spec? {
  let name = fields.parsed("name") { text throws(FieldProblem) in
    guard !text.isEmpty else { throw FieldProblem("must not be empty") }
    return text
  }
  let config = fields.object("config") { config -> (Int64, Mode?, [Topic], [String: String], Bool)? in
    let parallelism = config.int("parallelism", in: 1...64)
    let mode = config.optionalChoice("mode", of: Mode.self)
    let topics = config.objects("topics", readTopic)
    let labels = config.optionalStringMap("labels")
    let enabled = config.optionalBool("enabled") ?? true
    config.finish()
    guard let parallelism, let topics else { return nil }
    return (parallelism, mode, topics, labels ?? [:], enabled)
  }
  fields.finish()
  guard let name, let config else { return nil }
  return Spec(
    name: name, parallelism: config.0, mode: config.1, topics: config.2, labels: config.3, enabled: config.4)
}

/// Out of the value, and out of the parser's tree of the same document: both must give the same, or the same errors.
private func readSpec(_ value: JSONValue) throws(FieldErrors) -> Spec {
  let direct = Result { () throws(FieldErrors) in try Decode.object(value, readFields) }
  do throws(JSONParseError) {
    let document = try JSONDocument(parsing: value.serialized())
    let parsed = Result { () throws(FieldErrors) in
      try document.read { (view) throws(FieldErrors) in try Decode.object(view, readFields) }
    }
    #expect(direct == parsed)
  } catch {
    Issue.record(error)
  }
  return try direct.get()
}

@Suite("Decoding objects") struct DecodeTests {
  private func errors(_ value: JSONValue) -> [String] {
    do {
      _ = try readSpec(value)
      return []
    } catch { return error.errors.map(\.description) }
  }

  private let good: JSONValue = [
    "name": "n",
    "config": [
      "parallelism": 4, "mode": "careful", "enabled": false, "labels": ["a.b/c": "d"],
      "topics": [["source": "a", "target": .null], ["source": "b", "target": "c", "partitions": [0, 1]]],
    ],
  ]

  @Test("A document without errors is read, null counting as absent") func readsGood() throws {
    #expect(
      try readSpec(good)
        == Spec(
          name: "n", parallelism: 4, mode: .careful,
          topics: [
            Topic(source: "a", target: nil, partitions: []), Topic(source: "b", target: "c", partitions: [0, 1]),
          ], labels: ["a.b/c": "d"], enabled: false))
  }

  @Test("Every error is found at once, each with its path") func all() {
    #expect(
      errors([
        "name": "", "nam": 1,
        "config": [
          "parallelism": 65, "mode": "carful", "enabled": "yes", "labels": ["a.b/c": 1, "ok": "x"],
          "topics": [["sorce": "a"], 7, ["source": .null, "target": 5, "partitions": [0, "x", 1.5]], [:]],
        ],
      ]) == [
        "name: must not be empty",
        "config.parallelism: must be between 1 and 64",
        "config.mode: must be one of fast, careful, manual; did you mean \"careful\"?",
        "config.topics[0].source: is required",
        "config.topics[0].sorce: is not a field of this object; did you mean \"source\"?",
        "config.topics[1]: must be an object, not a number",
        "config.topics[2].source: must not be null",
        "config.topics[2].target: must be a string, not a number",
        "config.topics[2].partitions[1]: must be a whole number, not a string",
        "config.topics[2].partitions[2]: must be a whole number, not a number with a fraction",
        "config.topics[3].source: is required",
        "config.labels[\"a.b/c\"]: must be a string, not a number",
        "config.enabled: must be true or false, not a string",
        "nam: is not a field of this object; did you mean \"name\"?",
      ])
  }

  @Test("A wrong type says what was expected and what was found") func types() {
    #expect(errors([]) == ["the document must be an object, not a list"])
    #expect(
      errors(["name": true, "config": "x"]) == [
        "name: must be a string, not a boolean", "config: must be an object, not a string",
      ])
    #expect(
      errors(["name": "n", "config": ["parallelism": 1.0, "topics": [:], "labels": []]]) == [
        "config.parallelism: must be a whole number, not a number with a fraction",
        "config.topics: must be a list, not an object", "config.labels: must be an object of strings, not a list",
      ])
  }

  @Test("No error repeats a value") func secrets() {
    let secret: JSONValue = "hunter2"
    let text = errors([
      "name": ["x": secret],
      "config": ["parallelism": secret, "mode": secret, "topics": secret, "labels": secret, "enabled": secret],
      "secret": secret,
    ]).joined()
    #expect(!text.isEmpty)
    #expect(!text.contains("hunter2"))
  }

  @Test("Bounds on one side are told as such") func bounds() {
    func message(_ range: ClosedRange<Int64>) -> String? {
      let errors = FieldErrorCollector()
      _ = Decode.object(["n": 0], at: .root, into: errors) { $0.int("n", in: range) }
      return errors.found.errors.first?.message
    }
    #expect(message(1 ... .max) == "must be at least 1")
    #expect(message(.min ... -1) == "must be at most -1")
    #expect(message(0...0) == nil)
  }

  @Test("A body that gives up without an error fails all the same") func silent() {
    #expect(throws: FieldErrors.self) { try Decode.object([:]) { _ -> Int? in nil } }
  }

  @Test("Errors of a document with very many of them are counted, not listed") func many() {
    var members = JSONObject()
    for index in 0..<100_000 { members["x\(index)"] = 1 }
    let errors = FieldErrorCollector()
    _ = Decode.object(.object(members), at: .root, into: errors) { fields -> Int? in
      fields.finish()
      return 1
    }
    #expect(errors.found.errors.count == FieldErrors.limit)
    #expect(errors.found.omitted == 100_000 - FieldErrors.limit)
    #expect(errors.found.description.hasSuffix("and \(100_000 - FieldErrors.limit) more"))
  }

  @Test("Keys that are one string to Swift don't silently replace each other") func normalization() {
    let errors = FieldErrorCollector()
    let map = Decode.object(["m": ["\u{E9}": "1", "e\u{301}": "2"]], at: .root, into: errors) { $0.stringMap("m") }
    #expect(map == nil)
    #expect(errors.found.errors.count == 1)
  }

  @Test("An unknown field is suggested a field that isn't used yet") func unused() {
    let errors = FieldErrorCollector()
    _ = Decode.object(["name": "x", "namee": "y"], at: .root, into: errors) { fields -> Int? in
      _ = fields.optionalString("name")
      _ = fields.optionalString("names")
      fields.finish()
      return 1
    }
    #expect(errors.found.errors.first?.suggestion == "names")
  }

  @Test(
    "Paths are plain where they can be and quoted where they must",
    arguments: [
      (FieldPath.root, ""), (FieldPath.root["a"]["b-c"][0][12]["$d_1"], "a.b-c[0][12].$d_1"),
      (FieldPath.root[3]["x"], "[3].x"),
      (FieldPath.root["a.b"]["c\"\\"], #"["a.b"]["c\"\\"]"#), (FieldPath.root[""], #"[""]"#),
      (FieldPath.root["a\n\u{1B}[2J\u{202E}é"], #"["a\u{a}\u{1b}[2J\u{202e}é"]"#),
      (FieldPath.root[String(repeating: "x", count: 10_000)], "[\"\(String(repeating: "x", count: 80))…\"]"),
    ]) func paths(path: FieldPath, text: String)
  {
    #expect(path.description == text)
  }

  @Test("Other readers") func others() throws {
    let value: JSONValue = [
      "d": 1, "e": 1.5, "s": ["a"], "m": ["k": "v"], "c": "fast", "b": true, "o": ["x": 1], "p": "12", "l": [1],
    ]
    let read = try Decode.object(value) { fields -> [String]? in
      let read = [
        "\(fields.double("d"), default: "-")", "\(fields.optionalDouble("e"), default: "-")",
        "\(fields.strings("s"), default: "-")", "\(fields.stringMap("m"), default: "-")",
        "\(fields.choice("c", of: Mode.self), default: "-")", "\(fields.bool("b"), default: "-")",
        "\(fields.optionalObject("o") { $0.int("x") }, default: "-")",
        "\(fields.optionalParsed("p") { (text) throws(FieldProblem) in Int(text) }, default: "-")",
        "\(fields.value("l"), default: "-")", "\(fields.optionalStrings("none"), default: "-")",
      ]
      fields.finish()
      return read
    }
    #expect(read == ["1.0", "1.5", "[\"a\"]", "[\"k\": \"v\"]", "fast", "true", "1", "Optional(12)", "[1]", "-"])
  }
}

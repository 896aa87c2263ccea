import ControlTopics
import JSON
import RestoreModel
import Testing

/// The schemas are for other people's tools; the decoders are what counts. Here the two are held equal.
@Suite("The schemas say what the decoders do") struct SchemaTests {
  let schema: Schema

  init() throws { schema = try Schema() }

  private func root(_ topic: ControlTopic) throws -> Schema.Node {
    try #require(schema.root("\(topic.rawValue).schema.json"))
  }

  @Test("Every example is as its schema says", arguments: ControlTopic.allCases) func examples(topic: ControlTopic)
    throws
  {
    for example in try Example.all(topic) where !example.value.isNull {
      #expect(schema.problems(example.value, try root(topic)) == [], "\(example)")
    }
  }

  @Test("Whatever is written is as its schema says", arguments: 0..<60) func written(seed: Int) throws {
    var arbitrary = Arbitrary(seed: seed)
    var encoder = RecordEncoder(installation: "i", epoch: 1)
    for kind in ResourceKind.allCases {
      let resource = arbitrary.resource(kind)
      try check(encoder.spec(resource, sequence: 1), seed)
      try check(encoder.status(resource, sequence: 1, time: arbitrary.instant()), seed)
      let document = arbitrary.document(kind)
      let node = try #require(schema.root("document.schema.json"))
      #expect(schema.problems(document.json, node) == [], "seed \(seed)")
    }
    for content in arbitrary.contents() {
      try check(encoder.event(arbitrary.event(content), stateHash: nil), seed)
    }
  }

  private func check(_ record: OutgoingControlRecord, _ seed: Int) throws {
    let value = try JSONValue.parse(#require(record.value))
    #expect(schema.problems(value, try root(record.topic)) == [], "seed \(seed)")
  }

  /// A member that is null counts as absent, so a name that the schema has can be added anywhere, and no other.
  @Test("The decoder knows every property of the schema, and no other", arguments: ControlTopic.allCases)
  func properties(topic: ControlTopic) throws {
    var probed = 0
    for example in try Example.all(topic) where !example.value.isNull && example.key != nil {
      for (path, names) in schema.objects(example.value, try root(topic)) {
        for name in names {
          let probe = example.value.adding(name, .null, at: path[...])
          guard place(path, in: example.value)?[name] == nil else { continue }
          #expect(unknownFields(example.record(probe)) == [], "\(example): \(path) \(name)")
          probed += 1
        }
        let stranger = example.value.adding("zzz", .null, at: path[...])
        #expect(!unknownFields(example.record(stranger)).isEmpty, "\(example): \(path)")
      }
    }
    #expect(probed > 10)
  }

  private func place(_ path: [FieldPath.Step], in value: JSONValue) -> JSONValue? {
    path.reduce(value) { value, step in
      switch step {
      case .member(let name): value?[name]
      case .element(let index): value?[index]
      }
    }
  }

  /// What the decoder says about fields that it does not know.
  private func unknownFields(_ record: ControlRecord) -> [String] {
    func said(_ error: any Error) -> [String] { "\(error)".contains("is not a field") ? ["\(error)"] : [] }
    do {
      switch record.topic {
      case .events: _ = try EventRecord.decode(record)
      case .specs, .status:
        var decoder = StateDecoder()
        try decoder.apply(record)
      case .commands:
        var state = ControlState()
        state.installation = GoldenTests.installation
        var arbitrary = Arbitrary(seed: 1)
        if let key = RecordKey(bytes: record.key), case .resource(let key) = key {
          var resource = arbitrary.resource(key.kind)
          resource.spec = .restore(RestoreSpec(source: "a", sink: "b"))
          state.resources[key] = resource
        }
        _ = try CommandCodec.decode(record, state: state).command.get()
      }
      return []
    } catch {
      return said(error)
    }
  }
}

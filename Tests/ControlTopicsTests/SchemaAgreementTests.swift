import ControlTopics
import JSON
import RestoreModel
import Testing

/// The decoder and the schema are held equal on documents that are changed at every place of the schema, at every bound of it, and across.
@Suite("Decoder and schema take the same documents") struct SchemaAgreementTests {
  let schema: Schema
  let node: Schema.Node

  init() throws {
    schema = try Schema()
    node = try #require(schema.root("document.schema.json"))
  }

  private static func restore(_ config: JSONValue) -> JSONValue {
    [
      "apiVersion": "kannika.io/v1alpha", "kind": "Restore",
      "metadata": ["name": "orders", "namespace": "prod", "labels": ["team": "shop"], "annotations": ["a": "b"]],
      "spec": [
        "source": "cold", "sink": "here", "enabled": true, "description": "d",
        "sourceCredentialsFrom": ["credentialsRef": ["name": "c"]],
        "sinkCredentialsFrom": ["credentialsRef": ["name": "c"]],
        "sourceAdditionalProps": ["client.id": "x"], "sinkAdditionalProps": ["client.id": "x"], "config": config,
      ],
    ]
  }

  private static func document(_ kind: String, _ spec: JSONValue) -> JSONValue {
    ["apiVersion": "kannika.io/v1alpha", "kind": .string(kind), "metadata": ["name": "orders"], "spec": spec]
  }

  static let documents: [JSONValue] = [
    restore([
      "topics": [
        [
          "source": "a", "target": "b", "disablePreflightChecks": true,
          "partitions": [["number": 0, "restoreFromOffset": 1, "restoreUntilOffset": 9], ["number": 1]],
        ], ["source": "a", "target": "c"],
      ],
      "parallelism": 2, "maxProducers": 0, "legacyOffsetHeader": "o", "restoreFromDateTime": "2021-01-01T00:00:00Z",
      "restoreUntilDateTime": "2022-01-01T00:00:00Z",
      "filters": [
        "time": ["absolute": ["fromDateTime": "2021-01-01T00:00:00Z", "toDateTime": "2022-01-01T00:00:00Z"]]
      ],
      "schemaMapping": ["7": 8], "onUnmappedSchema": "fail", "createTargets": "missing", "delivery": "at-least-once",
      "throttle": ["bytesPerSecond": 5], "verify": "count", "onZeroTimestamp": "fail",
      "recordPath": "perRecord",
    ]),
    restore(["mapping": ["a": "b", "c": ["target": "d", "partitions": [["number": 0]]]]]),
    restore(["schemaMappingFrom": ["file": "/secrets/map"]]),
    document("Storage", ["volume": ["path": "/archive"]]),
    document(
      "Storage",
      [
        "s3": [
          "bucket": "abc", "region": "eu-central-1", "prefix": "p", "endpoint": "http://h:1", "forcePathStyle": true,
        ]
      ]),
    document("EventHub", ["kafka": ["properties": ["bootstrap.servers": "h:1"]], "description": "d"]),
    document(
      "Credentials",
      [
        "aws": [
          "accessKeyIdFrom": ["env": "SECRET_A"], "secretAccessKeyFrom": ["file": "/s"],
          "sessionTokenFrom": ["env": "SECRET_T"],
        ]
      ]),
    document("Credentials", ["httpBasic": ["username": "u", "passwordFrom": ["file": "/p"]]]),
    document(
      "Credentials",
      [
        "mTls": [
          "certificateFrom": ["file": "/c"], "keyFrom": ["file": "/k"], "caFrom": ["file": "/a"],
          "keyPasswordFrom": ["env": "SECRET_P"],
        ]
      ]),
    document(
      "Credentials", ["sasl": ["mechanism": "SCRAM-SHA-256", "username": "u", "passwordFrom": ["env": "SECRET_P"]]]),
  ]

  /// Whether the decoder takes the document's form. An event is read so: its document was accepted once, and rules beyond the form, such as
  /// names that must be unique, may have grown stricter since.
  private func takesForm(_ document: JSONValue) throws -> Bool {
    let kind = document["kind"]?.string ?? ""
    let plural = try #require(ResourceKind(rawValue: kind)).plural
    let key = "\(plural)/default/orders"
    let event: JSONValue = [
      "type": kind == "Restore" ? "RestoreCreated" : "ResourceApplied", "key": .string(key), "uid": "u", "run": .null,
      "generation": 1, "sequence": 1, "epoch": 1, "time": "2021-01-01T00:00:00.000Z", "cause": ["offset": 0],
      "commandsThrough": 0, "outcome": true, "stateHash": .null, "data": ["resource": document, "uid": "u"],
    ]
    let record = ControlRecord(
      topic: .events, offset: 0, timestamp: 0, key: Array(key.utf8), value: event.serialized())
    do {
      _ = try EventRecord.decode(record)
      return true
    } catch {
      return false
    }
  }

  private func compare(_ document: JSONValue, _ note: @autoclosure () -> String) throws -> Bool {
    let problems = schema.problems(document, node)
    let isTaken = try takesForm(document)
    #expect(isTaken == problems.isEmpty, "\(note()): the schema says \(problems)")
    // What the decoder takes with its rules it takes in its form.
    let isAccepted = (try? ResourceDocument.decode(document)) != nil
    #expect(!isAccepted || isTaken, "\(note())")
    return isTaken
  }

  @Test("One change at each place, of each kind", arguments: documents.indices) func one(index: Int) throws {
    let document = Self.documents[index]
    #expect(try compare(document, "unchanged"))
    #expect(throws: Never.self) { try ResourceDocument.decode(document) }
    let mutations = SchemaMutation.all(of: document, node, schema)
    #expect(mutations.count > 50)
    var taken = 0
    for mutation in mutations where try compare(mutation.applied(to: document), "\(index), \(mutation)") { taken += 1 }
    #expect(taken > 5 && taken < mutations.count, "\(index): \(taken) of \(mutations.count)")
  }

  @Test("Several changes at once", arguments: 0..<20) func several(seed: Int) throws {
    var arbitrary = Arbitrary(seed: seed)
    for _ in 0..<50 {
      var document = arbitrary.element(Self.documents)
      var changes: [SchemaMutation] = []
      for _ in 0..<arbitrary.int(2...4) {
        let mutations = SchemaMutation.all(of: document, node, schema)
        guard !mutations.isEmpty else { break }
        let mutation = arbitrary.element(mutations)
        changes.append(mutation)
        document = mutation.applied(to: document)
      }
      _ = try compare(document, "seed \(seed), \(changes)")
    }
  }

  /// Defaults that are not written out, lest the hashes of older logs change.
  private static let leftOut: Set = ["spec.config.recordPath"]

  @Test("A default of the schema is what the decoder fills in", arguments: ResourceKind.allCases)
  func defaults(kind: ResourceKind) throws {
    let contract = try ContractSchema()
    let root = try #require(contract.document(kind))
    var checked = 0
    for document in Self.documents where document["kind"]?.string == kind.rawValue {
      for (path, field) in Self.fields(of: root, document) where field.standard != nil {
        let bare = SchemaMutation(path: path, value: nil).applied(to: document)
        let written = try ResourceDocument.decode(bare).json
        let found = path.reduce(.some(written)) { (value: JSONValue?, step) in
          switch step {
          case .member(let name): value?[name]
          case .element(let index): value?[index]
          }
        }
        let given = SchemaMutation(path: path, value: field.standard).applied(to: document)
        #expect(try ResourceDocument.decode(given).json == written, "\(FieldPath(path))")
        #expect(found == (Self.leftOut.contains("\(FieldPath(path))") ? nil : field.standard), "\(FieldPath(path))")
        checked += 1
      }
    }
    #expect(checked > 0)
  }

  /// Every field that the document could have, with its place in it.
  private static func fields(
    of field: SchemaField, _ value: JSONValue, at path: [FieldPath.Step] = []
  ) -> [([FieldPath.Step], SchemaField)] {
    field.fields.flatMap { below -> [([FieldPath.Step], SchemaField)] in
      let place = path + [.member(below.name)]
      let itself = [(place, below)]
      guard let member = value[below.name] else { return itself }
      if let elements = member.array {
        return itself
          + elements.enumerated().flatMap { fields(of: below, $1, at: place + [.element($0)]) }
      }
      return below.type.hasPrefix("map") ? itself : itself + fields(of: below, member, at: place)
    }
  }
}

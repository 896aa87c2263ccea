import ControlTopics
import JSON
import RestoreModel
import Testing

@Suite("Documents as people write them") struct DocumentTests {
  static let spec: JSONValue = ["source": "a", "sink": "b"]

  static func restore(_ spec: JSONValue) -> JSONValue { document("Restore", spec) }

  static func document(_ kind: String, _ spec: JSONValue) -> JSONValue {
    ["apiVersion": "kannika.io/v1alpha", "kind": .string(kind), "metadata": ["name": "orders"], "spec": spec]
  }

  static func config(_ config: JSONValue) -> JSONValue { restore(["source": "a", "sink": "b", "config": config]) }

  /// Paths of what is wrong, in order.
  static func paths(_ json: JSONValue, expectedKey: ResourceKey? = nil) -> [String] {
    do {
      _ = try ResourceDocument.decode(json, expectedKey: expectedKey)
      return []
    } catch {
      return error.errors.map(\.path)
    }
  }

  static func problems(_ json: JSONValue) -> [String] {
    do {
      _ = try ResourceDocument.decode(json)
      return []
    } catch {
      return error.errors.map(\.description)
    }
  }

  @Test("Everything that is wrong is said at once, form and rules alike") func everything() {
    let paths = Self.paths([
      "apiVersion": "kannika.io/v1alpha", "kind": "Restore", "metadata": ["name": "No", "nmae": 1], "extra": true,
      "spec": [
        "sink": "b", "enabled": "yes",
        "config": [
          "topics": [["source": "x", "target": "t"], ["source": "y", "target": "t"]], "paralellism": 3,
          "restoreFromDateTime": "yesterday", "verify": "digests",
        ],
      ],
    ])
    #expect(
      Set(paths) == [
        "metadata.nmae", "metadata.name", "extra", "source", "enabled", "config.paralellism",
        "config.restoreFromDateTime", "config.verify", "config.topics[1].target",
      ])
    #expect(Set(paths).count == paths.count)
  }

  @Test("An unknown field is named with the one that was meant") func suggestion() {
    #expect(
      Self.problems(Self.config(["paralellism": 3])) == [
        "config.paralellism: is not a field of this object; did you mean \"parallelism\"?"
      ])
  }

  @Test("A document of another version, or of no kind, is none") func versions() throws {
    var other = try #require(Self.restore(Self.spec).object)
    other["apiVersion"] = "kannika.io/v2"
    #expect(throws: Rejection.self) { try ResourceDocument.decode(.object(other)) }
    do { _ = try ResourceDocument.decode(.object(other)) } catch { #expect(error.reason == .newerVersion) }
    #expect(Self.paths(Self.document("Resotre", Self.spec)) == ["kind"])
    #expect(Self.paths([:]) == ["apiVersion", "kind", "metadata", "spec"])
    #expect(Self.paths(.null) == [""])
  }

  @Test("Name, namespace and kind are those of the key") func key() {
    let document = Self.restore(Self.spec)
    #expect(Self.paths(document, expectedKey: ResourceKey(.restore, name: "orders")) == [])
    #expect(Self.paths(document, expectedKey: ResourceKey(.restore, name: "other")) == ["metadata.name"])
    #expect(
      Self.paths(document, expectedKey: ResourceKey(.restore, namespace: "prod", name: "orders")) == [
        "metadata.namespace"
      ])
    #expect(Self.paths(document, expectedKey: ResourceKey(.storage, name: "orders")) == ["kind"])
  }

  @Test("What the server writes may stand in a document and does not count") func serverFields() throws {
    var arbitrary = Arbitrary(seed: 7)
    var resource = arbitrary.resource(.restore)
    resource.spec = .restore(RestoreSpec(source: "a", sink: "b"))
    let document = try ResourceDocument.decode(resource.json)
    #expect(document.key == resource.key && document.spec == resource.spec)
  }

  @Test("The deprecated mapping becomes topics, with a warning") func mapping() throws {
    let document = try ResourceDocument.decode(
      Self.config([
        "mapping": ["a": "x", "b": ["target": "y", "disablePreflightChecks": true, "partitions": [["number": 3]]]]
      ]))
    guard case .restore(let spec) = document.spec else { throw Rejection(.invalid, "no Restore") }
    var second = TopicMapping(source: "b", target: "y")
    second.disablePreflightChecks = true
    second.partitions = [PartitionSelection(number: 3)]
    #expect(spec.config.topics == [TopicMapping(source: "a", target: "x"), second])
    #expect(document.warnings == ["config.mapping is deprecated and was read as config.topics"])
    #expect(document.json["spec"]?["config"]?["mapping"] == nil)
  }

  @Test("Mapping and topics together are an error") func both() {
    #expect(Self.paths(Self.config(["mapping": ["a": "x"], "topics": []])) == ["config.mapping"])
    #expect(Self.paths(Self.config(["mapping": ["a": ["source": "a", "target": "x"]]])) == ["config.mapping.a.source"])
  }

  @Test("The newer spelling of time bounds is kept beside the older one, and wins") func times() throws {
    let document = try ResourceDocument.decode(
      Self.config([
        "restoreFromDateTime": "2020-01-01T01:00:00+01:00",
        "filters": ["time": ["absolute": ["fromDateTime": "2021-01-01T00:00:00.5Z"]]],
      ]))
    guard case .restore(let spec) = document.spec else { throw Rejection(.invalid, "no Restore") }
    #expect(spec.config.restoreFromDateTime == Instant(rfc3339: "2020-01-01T00:00:00Z"))
    #expect(spec.config.timeBounds.from == Instant(milliseconds: 1_609_459_200_500))
  }

  @Test(
    "A date that could not be written again is refused",
    arguments: ["9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "2021-02-30T00:00:00Z", "2021-01-01"])
  func dates(text: String) {
    #expect(Self.paths(Self.config(["restoreFromDateTime": .string(text)])) == ["config.restoreFromDateTime"])
  }

  @Test("A schema id is a number in its one spelling") func schemas() {
    let paths = Self.paths(Self.config(["schemaMapping": ["7": 8, "07": 9, "x": 1, "9": "9", "10": -1]]))
    #expect(
      paths == [
        "config.schemaMapping.07", "config.schemaMapping.x", "config.schemaMapping.9", "config.schemaMapping.10",
      ])
  }

  @Test("A Storage has exactly one form, of those that there are") func storage() {
    #expect(
      Self.problems(Self.document("Storage", [:])) == ["must have exactly one of volume, s3, gcsBucket, azureContainer"]
    )
    #expect(
      Self.problems(Self.document("Storage", ["gcsBucket": ["bucket": "b"]])) == [
        "gcsBucket: is not supported yet; use volume or s3"
      ])
    #expect(!Self.paths(Self.document("Storage", ["volume": ["path": "/a"], "s3": ["bucket": "bbb"]])).isEmpty)
  }

  @Test(
    "A secret in a document is refused by name and never repeated",
    arguments: [
      ["sasl": ["mechanism": "PLAIN", "username": "u", "password": "hunter2"]],
      ["sasl": ["mechanism": "PLAIN", "username": "u", "passwordFrom": "hunter2"]],
      ["sasl": ["mechanism": "PLAIN", "username": "u", "passwordFrom": ["value": "hunter2"]]],
      ["sasl": ["mechanism": "hunter2", "username": "u", "passwordFrom": ["env": "A"]]],
      ["aws": ["accessKeyId": "hunter2", "secretAccessKey": "hunter2"]],
      ["httpBasic": ["username": "u", "password": ["hunter2"]]],
      ["mTls": ["certificate": "hunter2", "key": "hunter2", "keyPassword": "hunter2"]],
      ["mTls": "hunter2"],
    ] as [JSONValue]) func secrets(spec: JSONValue)
  {
    let problems = Self.problems(Self.document("Credentials", spec))
    #expect(!problems.isEmpty)
    #expect(problems.allSatisfy { !$0.contains("hunter2") })
  }

  @Test("An inline secret is told what to write instead") func remedy() {
    let problems = Self.problems(
      Self.document("Credentials", ["sasl": ["mechanism": "PLAIN", "username": "u", "password": "x"]]))
    #expect(
      problems == [
        "sasl.password: must not be written into a document; use passwordFrom with {env: NAME} or {file: PATH}"
      ])
  }

  @Test("A secret among an EventHub's properties is refused without a word of it") func properties() {
    let problems = Self.problems(
      Self.document(
        "EventHub", ["kafka": ["properties": ["bootstrap.servers": "k:9092", "sasl.password": "hunter2"]]]))
    #expect(problems.count == 1)
    #expect(problems.allSatisfy { $0.hasPrefix("kafka.properties.sasl.password") && !$0.contains("hunter2") })
  }
}

import RestoreModel
import Testing

@Suite("The rules of documents")
struct ValidationTests {
  private static func paths(_ edit: (inout RestoreSpec) -> Void) -> [String] {
    Validation.problems(of: Scenario.document(edit)).map(\.path)
  }

  @Test("A good document has no problems")
  func good() {
    #expect(Self.paths { _ in } == [])
    #expect(Validation.problems(of: Scenario.storageDocument()) == [])
    #expect(Validation.problems(of: Scenario.hubDocument()) == [])
    #expect(Validation.problems(of: Scenario.credentialsDocument()) == [])
  }

  @Test("All problems come at once, each with its path")
  func allAtOnce() {
    let document = Scenario.document {
      $0.source = ""
      $0.config.topics[1].target = "a"
      $0.config.topics[2].source = "no topic"
      $0.config.parallelism = 0
      $0.config.maxProducers = -1
      $0.config.legacyOffsetHeader = ""
      $0.config.throttleBytesPerSecond = 0
    }
    let problems = Validation.problems(of: document)
    #expect(
      problems.map(\.path) == [
        "source", "config.topics[1].target", "config.topics[2].source", "config.parallelism", "config.maxProducers",
        "config.legacyOffsetHeader", "config.throttle.bytesPerSecond",
      ])
    #expect(problems[1].description == "config.topics[1].target: \"a\" is already the target of topics[0]")
    var scenario = Scenario()
    #expect(scenario.send(.create(document)).rejection?.errors == problems)
  }

  @Test("Partitions are numbered once, and their offsets select something")
  func partitions() {
    let paths = Self.paths {
      $0.config.topics[0].partitions = []
      $0.config.topics[1].partitions = [
        PartitionSelection(number: 0, restoreUntilOffset: 100),
        PartitionSelection(number: 0, restoreFromOffset: 50, restoreUntilOffset: 1500),
        PartitionSelection(number: -1), PartitionSelection(number: 1, restoreFromOffset: 5, restoreUntilOffset: 5),
        PartitionSelection(number: 2, restoreFromOffset: -1), PartitionSelection(number: 3, restoreUntilOffset: -1),
      ]
    }
    #expect(
      paths == [
        "config.topics[0].partitions", "config.topics[1].partitions[1].number",
        "config.topics[1].partitions[2].number", "config.topics[1].partitions[3].restoreUntilOffset",
        "config.topics[1].partitions[4].restoreFromOffset", "config.topics[1].partitions[5].restoreUntilOffset",
      ])
  }

  @Test("A time window has a length, in either spelling; the newer one wins, with a warning")
  func times() {
    let early = Instant(milliseconds: 1)
    let late = Instant(milliseconds: 2)
    #expect(
      Self.paths {
        $0.config.restoreFromDateTime = late
        $0.config.restoreUntilDateTime = late
      } == ["config.restoreUntilDateTime"])
    #expect(
      Self.paths {
        $0.config.filterFromDateTime = late
        $0.config.filterToDateTime = early
      } == ["config.filters.time.absolute.toDateTime"])
    var scenario = Scenario()
    scenario.send(
      .create(
        Scenario.document {
          $0.config.restoreFromDateTime = late
          $0.config.filterFromDateTime = early
          $0.config.restoreUntilDateTime = late
        }))
    #expect(scenario.status?.warnings.count == 1)
    #expect(scenario.restore?.restoreSpec?.config.timeBounds.from == early)
  }

  @Test("Schema maps: one spelling, legal ids")
  func schemas() {
    #expect(
      Self.paths {
        $0.config.schemaMapping = [1: -2]
        $0.config.schemaMappingFrom = SchemaMappingReference(file: "relative")
      } == ["config.schemaMappingFrom", "config.schemaMapping", "config.schemaMappingFrom.file"])
  }

  @Test(
    "Client properties are an allow-list; what is refused says what to do and never repeats a value",
    arguments: [
      ("sasl.password", "Credentials"), ("ssl.key.password", "Credentials"), ("ssl.key.pem", "Credentials"),
      ("ssl.keystore.password", "Credentials"), ("sasl.oauthbearer.client.secret", "Credentials"),
      ("ssl.key.location", "mTls"), ("sasl.kerberos.kinit.cmd", "may not"), ("plugin.library.paths", "may not"),
      ("ssl.engine.location", "may not"), ("ssl.providers", "may not"), ("transactional.id", "guarantee"),
      ("acks", "guarantee"), ("isolation.level", "guarantee"), ("enable.idempotence", "guarantee"),
      ("interceptor", "may not"), ("debug", "may not"), ("bootstrap.servers", "EventHub"),
    ])
  func refusedProperties(name: String, hint: String) {
    let document = Scenario.document {
      $0.sinkAdditionalProperties = [name: "hunter2"]
      $0.sourceAdditionalProperties = [name: "hunter2"]
    }
    let problems = Validation.problems(of: document)
    #expect(problems.map(\.path) == ["sourceAdditionalProps.\(name)", "sinkAdditionalProps.\(name)"])
    #expect(problems.allSatisfy { $0.message.contains(hint) && !$0.message.contains("hunter2") })
  }

  @Test("What a cluster needs to be reached is allowed")
  func allowedProperties() {
    let hub = EventHubSpec(properties: [
      "metadata.broker.list": "a:1,b:2", "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
      "sasl.username": "u", "ssl.ca.location": "/ca.pem", "socket.timeout.ms": "1000", "compression.type": "zstd",
      "ssl.ca.pem": "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n",
    ])
    #expect(Validation.problems(of: ResourceDocument(key: Scenario.hub, spec: .eventHub(hub))) == [])
  }

  @Test("An EventHub needs its servers, once")
  func hubs() {
    func paths(_ properties: [String: String]) -> [String] {
      Validation.problems(
        of: ResourceDocument(key: Scenario.hub, spec: .eventHub(EventHubSpec(properties: properties)))
      ).map(\.path)
    }
    #expect(paths([:]) == ["kafka.properties"])
    #expect(paths(["bootstrap.servers": ""]) == ["kafka.properties"])
    #expect(
      paths(["bootstrap.servers": "a:1", "metadata.broker.list": "b:1"]) == [
        "kafka.properties.metadata.broker.list"
      ])
    #expect(paths(["bootstrap.servers": "a:1\nb"]) == ["kafka.properties.bootstrap.servers"])
  }

  @Test("Storages: a directory, or a bucket at a plain address")
  func storages() {
    func paths(_ spec: StorageSpec) -> [String] {
      Validation.problems(of: ResourceDocument(key: Scenario.storage, spec: .storage(spec))).map(\.path)
    }
    #expect(paths(.volume(path: "")) == ["volume.path"])
    var location = S3Location(bucket: "my.bucket-1")
    for endpoint in ["http://localhost:9000", "https://s3.example.com/path"] {
      location.endpoint = endpoint
      #expect(paths(.s3(location)) == [])
    }
    for endpoint in ["localhost:9000", "https://", "https://u:secret@host", "https://host/?a=b", "file:///etc"] {
      location.endpoint = endpoint
      #expect(paths(.s3(location)) == ["s3.endpoint"], "\(endpoint)")
    }
    location = S3Location(bucket: "Up")
    location.region = ""
    #expect(paths(.s3(location)) == ["s3.bucket", "s3.region"])
  }

  @Test("Credentials refer to secrets by name; a secret put in place of the name isn't repeated")
  func credentials() {
    func problems(_ spec: CredentialsSpec) -> [FieldProblem] {
      Validation.problems(of: ResourceDocument(key: Scenario.credentials, spec: .credentials(spec)))
    }
    let bad = problems(
      .aws(
        accessKeyIDFrom: .environment("AKIA secret"), secretAccessKeyFrom: .file("secret"),
        sessionTokenFrom: .environment("1X")))
    #expect(bad.map(\.path) == ["aws.accessKeyIdFrom", "aws.secretAccessKeyFrom", "aws.sessionTokenFrom"])
    #expect(bad.allSatisfy { !$0.description.contains("secret\"") && !$0.description.contains("AKIA") })
    #expect(problems(.httpBasic(username: "", passwordFrom: .file("/s"))).map(\.path) == ["httpBasic.username"])
    #expect(
      problems(.sasl(SASLCredentials(mechanism: .plain))).map(\.path) == ["sasl.username", "sasl.passwordFrom"])
    #expect(problems(.sasl(SASLCredentials(mechanism: .oauthBearer))) == [])
    #expect(
      problems(
        .mutualTLS(
          certificateFrom: .file("/c"), keyFrom: .file("k"), caFrom: nil, keyPasswordFrom: .environment(""))
      )
      .map(\.path) == ["mTls.keyFrom", "mTls.keyPasswordFrom"])
  }
}

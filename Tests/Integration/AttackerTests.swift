import Glibc
import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

/// Whoever may write `commands` must not gain the service's own powers, nor make it tell what it knows.
@Suite("An attacker with write access to the commands topic")
struct AttackerTests {
  static let forbidden = [
    "plugin.library.paths", "ssl.engine.location", "ssl.providers", "sasl.kerberos.kinit.cmd", "sasl.kerberos.keytab",
    "sasl.kerberos.principal", "sasl.kerberos.service.name", "transactional.id", "transaction.timeout.ms",
    "isolation.level", "acks", "request.required.acks", "enable.idempotence", "group.id", "group.instance.id",
    "message.max.bytes", "ssl.key.location", "ssl.key.pem", "ssl.key.password", "ssl.certificate.location",
    "ssl.keystore.location", "ssl.keystore.password", "sasl.password", "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config", "enable.sasl.oauthbearer.unsecure.jwt", "interceptors", "debug", "log_level",
    "statistics.interval.ms", "message.copy.max.bytes", "receive.message.max.bytes", "PLUGIN.LIBRARY.PATHS",
    " plugin.library.paths", "no.such.property",
  ]

  @Test(
    "Forbidden client properties and secrets in documents are each rejected at their path, and never repeated",
    .broker())
  func documents() async throws {
    let thaw = try await Installation(on: try await Broker.require())
    let service = try thaw.serve("-v", "-v")
    let marker = Self.marker("inline")
    let attacks = Self.propertyAttacks(marker, servers: thaw.servers) + Self.secretAttacks(marker)
    var offsets: [Int64] = []
    let producer = try Producer(thaw.broker.configuration)
    for attack in attacks {
      let position = try await producer.send(
        OutgoingRecord(
          topic: "\(thaw.prefix)commands", partition: 0, key: Array(attack.key.utf8), value: Array(attack.value.utf8)))
      offsets.append(try #require(position.offset))
    }
    await producer.close()
    let last = try #require(offsets.last)
    var outcomes: [JSONValue] = []
    let decided = try await eventually(within: .seconds(60)) {
      outcomes = try await thaw.events().filter { $0["outcome"]?.bool == true }
      return outcomes.contains { $0["cause"]?["offset"]?.int == last }
    }
    try #require(decided, "\(thaw.log)")
    for (attack, offset) in zip(attacks, offsets) {
      let answers = outcomes.filter { $0["cause"]?["offset"]?.int == offset }
      #expect(answers.count == 1)
      let answer = try #require(answers.first)
      #expect(answer["type"]?.string == "CommandRejected", "\(attack.value)")
      let paths = answer["data"]?["errors"]?.array?.compactMap { $0["path"]?.string } ?? []
      #expect(attack.path.map(paths.contains) ?? true, "\(attack.value): \(answer)")
    }
    #expect(try await thaw.get("eventhub", "evil") == nil)
    #expect(try await thaw.get("restore", "evil") == nil)
    #expect(try await thaw.get("credential", "evil") == nil)
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0), "\(thaw.log)")
    // The attacker wrote it to `commands` himself; the service repeats it nowhere.
    try await thaw.expectUntold([marker], in: ["specs", "status", "events"])
  }

  @Test(
    "Paths and variables outside what the operator allows fail their Restore, each with its own reason", .broker(),
    arguments: BrokerKind.here())
  func references(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let source = try await SampleTopic.make(on: broker, records: 20)
    let (inVariable, inOther, inFile, inGood) = (
      Self.marker("variable"), Self.marker("other"), Self.marker("file"), Self.marker("good")
    )
    let thaw = try await Installation(
      on: broker, variables: ["SECRET_GOOD": inGood, "DATABASE_PASSWORD": inVariable, "XSECRET_GOOD": inOther])
    let folder = thaw.folder
    for name in ["private", "secrets"] { try #require(mkdir("\(folder)/\(name)", 0o755) == 0) }
    try writeFile("\(folder)/private/stolen", Array(inFile.utf8))
    try writeFile("\(folder)/secrets/password", Array(inGood.utf8))
    try #require(symlink("../private/stolen", "\(folder)/secrets/link") == 0)
    try #require(symlink("../private", "\(folder)/cold/link") == 0)
    try await thaw.thaw("archive", source, "--to", "\(folder)/private/archive")
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve("--secret-root", "\(folder)/secrets", "-v", "-v", root: thaw.archive)

    let attacks = Self.referenceAttacks(folder, thaw.servers)
    var documents = ""
    for attack in attacks {
      let target = try await broker.makeTopic("target", partitions: 3)
      documents += attack.documents(source, target, archive: thaw.archive, servers: thaw.servers)
    }
    try await thaw.thaw("apply", "-f", "-", input: documents)
    for attack in attacks {
      let failed = try await thaw.thaw("wait", attack.name, "--for", "Done", "--timeout", "60s", code: 1)
      #expect(failed.errors.contains(attack.says), "\(attack.name): \(failed.errors)")
      let status = try await thaw.get("restore", attack.name)?["status"]
      let condition = status?["conditions"]?.array?.first { $0["type"]?.string == "Failed" }
      #expect(condition?["reason"]?.string == attack.reason, "\(attack.name): \(status ?? .null)")
    }
    // Listing an archive outside is the same trespass.
    try await thaw.thaw(
      "apply", "-f", "-",
      input: "apiVersion: kannika.io/v1alpha\nkind: Restore\nmetadata: {name: lists}\n"
        + "spec: {source: outside, sink: outside, config: {}}")
    let imported = try await thaw.thaw("map", "lists", "--all", code: 1)
    #expect(imported.errors.contains("not under a directory"), "\(imported.errors)")

    // A secret that may be used, whether the broker lets us in with it or not: neither error nor debug log tells it.
    let used = Reference(
      name: "used", credentials: #"{sasl: {mechanism: PLAIN, username: u, passwordFrom: {env: SECRET_GOOD}}}"#)
    let target = try await broker.makeTopic("target", partitions: 3)
    try await thaw.thaw(
      "apply", "-f", "-", input: used.documents(source, target, archive: thaw.archive, servers: thaw.servers))
    let told = try await eventually(within: .seconds(60)) {
      let status = try await thaw.get("restore", "used")?["status"]
      if status?["phase"]?.string == "Done" { return true }
      return status?["conditions"]?.array?.contains {
        ["JobCompleted", "Failed"].contains($0["type"]?.string) && $0["message"]?.string?.contains("127.0.0.1") == true
      } == true
    }
    #expect(told, "\(thaw.log)")
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0), "\(thaw.log)")
    try await thaw.expectUntold(
      [inVariable, inOther, inFile, inGood], in: ["commands", "specs", "status", "events"])
  }

  @Test("The command line refuses secrets in documents before it sends anything, and repeats none", .broker())
  func commandLine() async throws {
    let thaw = try await Installation(on: try await Broker.require())
    let marker = Self.marker("typed")
    let head = "apiVersion: kannika.io/v1alpha\nmetadata: {name: evil}\nkind: "
    let documents = [
      "Credentials\nspec: {sasl: {mechanism: PLAIN, username: u, password: \(marker)}}\n",
      "Credentials\nspec: {sasl: {mechanism: PLAIN, username: u, passwordFrom: \(marker)}}\n",
      "Credentials\nspec: {sasl: {mechanism: PLAIN, username: u, passwordFrom: {value: \(marker)}}}\n",
      "Credentials\nspec: {sasl: {mechanism: PLAIN, username: u, passwordFrom: {file: \(marker)}}}\n",
      "Credentials\nspec: {aws: {accessKeyId: a, secretAccessKey: \(marker)}}\n",
      "Credentials\nspec: {mTls: {certificateFrom: {file: /a}, key: |\n  \(marker)\n  }}\n",
      "Credentials\nspec: {httpBasic: {username: u, password: \(marker)}}\n",
      "Credentials\nspec: {sasl: {password: \(marker), password: \(marker)}}\n",
      "Credentials\nspec: {sasl: {password: \"\(marker)\n",
      "EventHub\nspec: {kafka: {properties: {bootstrap.servers: \(thaw.servers), sasl.password: \(marker)}}}\n",
      "EventHub\nspec: {kafka: {properties: {bootstrap.servers: \(thaw.servers), plugin.library.paths: \(marker)}}}\n",
      "Restore\nspec: {source: s, sink: k, sinkAdditionalProps: {ssl.key.password: \(marker)}, config: {}}\n",
    ]
    for document in documents {
      let ended = try await Program.thaw.run(
        ["apply", "-f", "-", "-v", "-v"], input: head + document, environment: thaw.environment)
      #expect(ended.code == 1 || ended.code == 2, "\(document): \(ended.errors)")
      #expect(!(ended.errors + ended.output).contains(marker), "\(document)")
      #expect(!ended.errors.isEmpty)
    }
    let connection = try await Program.thaw.run(
      [
        "get", "restores", "-b", "127.0.0.1:1", "-v", "-v", "--timeout", "2s", "-X", "security.protocol=SASL_PLAINTEXT",
        "-X",
        "sasl.mechanisms=PLAIN", "-X", "sasl.username=u", "-X", "sasl.password=\(marker)", "-X",
        "client.id=\u{7}",
      ], environment: thaw.environment)
    #expect(connection.code != 0)
    #expect(!(connection.errors + connection.output).contains(marker))
    #expect(try await thaw.broker.readAll(TopicPartition("\(thaw.prefix)commands", 0), .readUncommitted).isEmpty)
  }

  private static func marker(_ purpose: String) -> String {
    "s3cr3t-\(purpose)-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}

extension Installation {
  /// No marker stands in any byte of these topics (aborted transactions included), nor in what the service has said.
  func expectUntold(
    _ markers: [String], in topics: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    var found: [String: [UInt8]] = ["the log": try readFile("\(folder)/serve.log")]
    for topic in topics {
      var bytes: [UInt8] = []
      for record in try await broker.readAll(TopicPartition("\(prefix)\(topic)", 0), .readUncommitted) {
        bytes += (record.key ?? []) + [0]
        bytes += (record.value ?? []) + [0]
        for header in record.headers { bytes += Array(header.name.utf8) + [0] + (header.value ?? []) + [0] }
      }
      found[topic] = bytes
    }
    for place in ["the log", "events"] {
      #expect(found[place]?.isEmpty == false, "\(place) was read", sourceLocation: sourceLocation)
    }
    for (place, bytes) in found {
      for marker in markers {
        #expect(
          bytes.firstRange(of: Array(marker.utf8)) == nil, "\(marker) in \(place)", sourceLocation: sourceLocation)
      }
    }
  }
}

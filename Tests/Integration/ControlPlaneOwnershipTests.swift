import ControlPlane
import ControlTopics
import JSON
import Kafka
import KafkaLog
import Logging
import RestoreModel
import TestSupport
import Testing
import Threads

@Suite("Ownership of the control topics on a broker")
struct ControlPlaneOwnershipTests {
  static let brokers = BrokerKind.here()
  let orders = ResourceKey(.restore, name: "orders")

  private func create(_ name: String) -> NewCommand {
    NewCommand(
      ResourceKey(.restore, name: name),
      CommandMessage(.create(spec: ["source": "archive", "sink": "cluster"], metadata: nil)))
  }

  @Test("A killed controller comes back under its name and goes on", .broker(), arguments: brokers)
  func killed(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let client = try CommandClient(installation.settings())
    let first = try await installation.start()
    _ = try await client.decide(create("before"), timeout: .seconds(30))
    await first.kill()
    let offset = try await installation.send(
      key: Array(orders.description.utf8),
      value: Array(#"{"command":"Create","spec":{"source":"archive","sink":"cluster"}}"#.utf8))
    let second = try await installation.start()
    #expect(try await installation.outcomes(ofCommandAt: offset).count == 1)
    let events = try await installation.events()
    #expect(events.map(\.event.sequence) == Array(1...Int64(events.count)))
    let terms = Set(events.map(\.event.epoch))
    // Where groups fence nobody, the dead one's session ends by time, and the group begins once more.
    #expect(terms == [1, 2] || !kind.has([.groupFencing]) && terms == [1, 2, 3])
    await client.close()
    try await second.stop()
  }

  @Test("A controller that stops gives the partition back at once", .broker(), arguments: brokers)
  func handOver(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let client = try CommandClient(installation.settings())
    let first = try await installation.start(instance: "one")
    _ = try await client.decide(create("a"), timeout: .seconds(30))
    let second = try await installation.start(instance: "two")
    try await first.stop()
    let decided = try await client.decide(create("b"), timeout: .seconds(30))
    #expect(decided.outcome.event.epoch == 2)
    await client.close()
    try await second.stop()
  }

  @Test("A standby takes over when the owner dies", .broker(.groupFencing), arguments: [BrokerKind.apache])
  func standby(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let client = try CommandClient(installation.settings())
    let first = try await installation.start(instance: "one")
    _ = try await client.decide(create("a"), timeout: .seconds(30))
    let second = try await installation.start(instance: "two")
    await first.kill()
    let decided = try await client.decide(create("b"), timeout: .seconds(60))
    #expect(decided.outcome.event.epoch == 2)
    await client.close()
    try await second.stop()
  }

  @Test("What a deposed owner still commits is refused", .broker(), arguments: brokers)
  func zombie(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let logger = Logger("zombie", to: installation.logs)
    let zombie = try await KafkaLog.open(installation.settings(instance: "one"), logger: logger)
    let term = try await zombie.takeOver()
    // Somebody else initialises the one transactional id, as the next owner does, while the group has not noticed anything yet.
    let other = try TransactionalProducer(
      installation.broker.configuration, transactionalID: installation.naming.owner)
    try await other.onThread { try $0.initTransactions(timeout: .seconds(20)) }
    let record = RecordEncoder(installation: "zombie", epoch: 1).installation(sequence: 1)
    await #expect(throws: TermEnded.self) { _ = try await term.commit([record], position: 0) { _ in "" } }
    try await other.onThread { $0.close() }
    let state = try await StateReader(installation.settings()).snapshot().state
    #expect(state.epoch == 0)
    await zombie.leave()
  }

  @Test("Only the owner can prove that it is", .broker(), arguments: brokers)
  func proof(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let log = try await KafkaLog.open(
      installation.settings(instance: "one"), logger: Logger("log", to: installation.logs))
    let term = try await log.takeOver()
    try await term.prove()
    try await term.prove()
    let other = try TransactionalProducer(
      installation.broker.configuration, transactionalID: installation.naming.owner)
    try await other.onThread { try $0.initTransactions(timeout: .seconds(20)) }
    await #expect(throws: TermEnded.self) { try await term.prove() }
    try await other.onThread { $0.close() }
    // A proof leaves no trace: the next term finds the position that it would have found.
    #expect(try await log.takeOver().committed == term.committed)
    await log.leave()
  }

  @Test("Topics that are missing are named with the remedy", .broker(), arguments: brokers)
  func missingTopics(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let settings = KafkaLogSettings(
      kafka: broker.configuration, naming: TopicNaming(prefix: uniqueName("none") + "."), instance: "one")
    let failure = await #expect(throws: ControlLogFailure.self) {
      _ = try await KafkaLog.open(settings, logger: Logger("log", to: MemoryLogSink()))
    }
    #expect(failure?.message.contains("thaw topics create") == true)
    #expect(try await TopicsAdministration(settings).check().count == 1)
  }

  @Test("Creating the topics again changes nothing", .broker(), arguments: brokers)
  func createTwice(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let administration = TopicsAdministration(installation.settings())
    let again = try await administration.create()
    #expect(again.created.isEmpty)
    #expect(!again.isNew)
    #expect(try await administration.check().isEmpty)
  }

  @Test(
    "Topics created anew under the old group stop the controller", .broker(.noAutoCreation),
    arguments: [BrokerKind.apache])
  func recreated(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let client = try CommandClient(installation.settings())
    let first = try await installation.start()
    _ = try await client.decide(create("a"), timeout: .seconds(30))
    try await first.stop()
    await client.close()
    let admin = try Admin(installation.broker.configuration)
    let specs = installation.naming.name(of: .specs)
    try await admin.onThread { admin in
      try admin.deleteTopics([specs], timeout: .seconds(20))
      admin.close()
    }
    _ = try await TopicsAdministration(installation.settings()).create()
    let second = try await installation.start()
    await #expect(throws: CorruptLog.self) { try await second.task.value }
  }

  @Test(
    "Of two processes with one name the first one stops and says why", .broker(.groupFencing),
    arguments: [BrokerKind.apache])
  func sameName(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let client = try CommandClient(installation.settings())
    let first = try await installation.start(instance: "same")
    _ = try await client.decide(create("a"), timeout: .seconds(30))
    let second = try await installation.start(instance: "same")
    let failure = await #expect(throws: ControlLogFailure.self) { try await first.task.value }
    #expect(failure?.message.contains("--instance") == true)
    let decided = try await client.decide(create("b"), timeout: .seconds(60))
    #expect(decided.outcome.event.epoch == 2)
    await client.close()
    try await second.stop()
  }
}

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

@Suite("Reading the control topics on a broker")
struct ControlPlaneReadingTests {
  static let brokers = BrokerKind.here()
  let orders = ResourceKey(.restore, name: "orders")
  let create = CommandMessage(.create(spec: ["source": "archive", "sink": "cluster"], metadata: nil))

  @Test(
    "A foreign transaction that hides commands is a condition that names the remedy", .broker(.lastStableOffset),
    arguments: brokers)
  func blocked(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let controller = try await installation.start()
    let client = try CommandClient(installation.settings())
    _ = try await client.decide(NewCommand(orders, create), timeout: .seconds(30))
    let foreign = try installation.broker.foreignProducer()
    let commands = installation.naming.name(of: .commands)
    try await foreign.onThread { foreign in
      try foreign.initTransactions(timeout: .seconds(20))
      try foreign.begin()
      try foreign.produce(OutgoingRecord(topic: commands, partition: 0, key: nil, value: nil))
      try foreign.flush(timeout: .seconds(30))
    }
    let hidden = try await installation.send(
      key: Array(orders.description.utf8), value: Array(#"{"command":"Enable"}"#.utf8))
    let reader = StateReader(installation.settings())
    #expect(
      try await eventually(within: .seconds(30)) {
        let condition = try await reader.snapshot().serviceConditions.first
        return condition?.status == .false && condition?.message.contains(commands) == true
      })
    try await foreign.onThread { foreign in
      try foreign.abort(timeout: .seconds(30))
      foreign.close()
    }
    #expect(try await installation.outcomes(ofCommandAt: hidden).count == 1)
    #expect(
      try await eventually(within: .seconds(30)) {
        try await reader.snapshot().serviceConditions.first?.status == .true
      })
    await client.close()
    try await controller.stop()
  }

  @Test(
    "The service refuses topics with the wrong partitions or cleanup policy, and says how to mend them", .broker(),
    arguments: brokers)
  func wrongTopics(_ kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let settings = KafkaLogSettings(
      kafka: broker.configuration, naming: TopicNaming(prefix: uniqueName("wrong") + "."), instance: "one")
    let (commands, specs) = (settings.naming.name(of: .commands), settings.naming.name(of: .specs))
    let admin = try Admin(broker.configuration)
    for definition in ControlTopicDefinition.all {
      var configuration = Dictionary(definition.configuration(brokers: 1).map { ($0.name, $0.value) }) { $1 }
      if definition.topic == .specs { configuration["cleanup.policy"] = "delete" }
      try admin.createTopics(
        [
          NewTopic(
            settings.naming.name(of: definition.topic), partitions: definition.topic == .commands ? 3 : 1,
            configuration: configuration)
        ], timeout: .seconds(20))
    }
    admin.close()
    var said = ""
    // A broker may take a moment until it lists what it has created.
    let isRefused = try await eventually {
      do {
        _ = try await KafkaLog.open(settings, logger: Logger("log", to: MemoryLogSink()))
        return false
      } catch let failure as ControlLogFailure {
        said = failure.message
        return said.contains("partitions")
      }
    }
    #expect(isRefused, "\(said)")
    #expect(said.contains("\(commands) has 3 partitions and must have exactly 1"), "\(said)")
    #expect(said.contains("--entity-name \(specs) --add-config cleanup.policy=compact"), "\(said)")
    #expect(try await TopicsAdministration(settings).check().count == 2)
  }

  @Test("Followers see each change and each event", .broker(), .timeLimit(.minutes(5)), arguments: brokers)
  func follow(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let controller = try await installation.start()
    let key = orders
    let states = StateReader(installation.settings()).follow()
    let events = EventReader(installation.settings()).follow(key: key)
    let isThere = Locked(false)
    let deleted = Task {
      for try await decoder in states {
        let isThereNow = decoder.state.resources[key] != nil
        if isThere.withLock({ $0 }), !isThereNow { return true }
        isThere.withLock { $0 = isThereNow }
      }
      return false
    }
    let types = Task {
      var types: [String] = []
      for try await event in events {
        types.append(event.event.content.type)
        if types.last == "RestoreDeleted" { break }
      }
      return types
    }
    let client = try CommandClient(installation.settings())
    _ = try await client.decide(NewCommand(orders, create), timeout: .seconds(30))
    // Who follows sees states, not steps: one who comes late enough never sees what is gone by then.
    try #require(await eventually { isThere.withLock { $0 } })
    let several = try await client.decide(
      [NewCommand(orders, CommandMessage(.enable)), NewCommand(orders, CommandMessage(.delete))], timeout: .seconds(30))
    #expect(several.map(\.outcome.event.content.type) == ["RestoreEnabled", "RestoreDeleted"])
    #expect(try await deleted.value)
    let seen = try await types.value
    #expect(seen.filter { $0 != "ConditionChanged" } == ["RestoreCreated", "RestoreEnabled", "RestoreDeleted"])
    await client.close()
    try await controller.stop()
  }
}

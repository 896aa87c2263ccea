import ControlPlane
import ControlTopics
import JSON
import Kafka
import KafkaLog
import RestoreModel
import TestSupport
import Testing

@Suite("The control plane on a broker")
struct ControlPlaneKafkaTests {
  static let brokers = BrokerKind.here()
  let orders = ResourceKey(.restore, name: "orders")

  @Test("Commands go in, events come out, one outcome each", .broker(), arguments: brokers)
  func commandsInEventsOut(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let controller = try await installation.start()
    var offsets: [Int64] = []
    for value in [
      #"{"command":"Create","spec":{"source":"archive","sink":"cluster"}}"#,
      #"{"command":"MapTopic","source":"orders","target":"orders-copy"}"#,
      #"{"command":"Configure","spec":{"description":"a test"}}"#,
      #"{"command":"Enable"}"#, #"{"command":"Enable"}"#, #"{"command":"Create","spec":{"source":"a","sink":"b"}}"#,
    ] {
      offsets.append(
        try await installation.send(key: Array(orders.description.utf8), value: Array(value.utf8)))
    }
    let last = try #require(offsets.last)
    #expect(try await installation.outcomes(ofCommandAt: last).count == 1)
    let events = try await installation.events()
    for offset in offsets { #expect(events.count { $0.isOutcome(ofCommandAt: offset) } == 1) }
    #expect(events.map(\.event.sequence) == Array(1...Int64(events.count)))
    let types = events.filter { $0.event.outcome }.map(\.event.content.type)
    #expect(
      types == [
        "RestoreCreated", "TopicMapped", "SpecChanged", "RestoreEnabled", "CommandUnchanged", "CommandRejected",
      ])
    let state = try await StateReader(installation.settings()).snapshot().state
    #expect(state.resources[orders]?.restoreSpec?.description == "a test")
    #expect(state.resources[orders]?.status.phase == .invalid)
    try await controller.stop()
  }

  @Test("What can't be read is rejected under the right key", .broker(), arguments: brokers)
  func rejections(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let controller = try await installation.start()
    let key = Array(orders.description.utf8)
    let records: [(key: [UInt8]?, value: [UInt8]?, answered: ResourceKey?)] = [
      (key, Array(#"{"command":"#.utf8), orders), (key, nil, orders), (key, [], orders),
      (key, Array(#"{"command":"Explode"}"#.utf8), orders), (nil, Array(#"{"command":"Enable"}"#.utf8), nil),
      (Array("nonsense".utf8), Array(#"{"command":"Enable"}"#.utf8), nil), ([0xFF, 0xFE], [0xFF], nil),
    ]
    for record in records {
      let offset = try await installation.send(key: record.key, value: record.value)
      let outcomes = try await installation.outcomes(ofCommandAt: offset)
      #expect(outcomes.count == 1)
      let event = try #require(outcomes.first).event
      #expect(event.content.type == "CommandRejected")
      #expect(event.key == record.answered)
    }
    try await controller.stop()
  }

  @Test("Whoever has an answer reads his own write", .broker(), arguments: brokers)
  func readYourWrites(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let controller = try await installation.start()
    let client = try CommandClient(installation.settings())
    let created = try await client.decide(
      NewCommand(orders, CommandMessage(.create(spec: ["source": "archive", "sink": "cluster"], metadata: nil))),
      timeout: .seconds(30))
    #expect(created.rejection == nil)
    #expect(created.outcome.event.content.type == "RestoreCreated")
    for number in 0..<5 {
      let mapping = TopicMapping(source: TopicName("t\(number)"), target: TopicName("copy\(number)"))
      _ = try await client.decide(NewCommand(orders, CommandMessage(.mapTopic(mapping))), timeout: .seconds(30))
      let state = try await StateReader(installation.settings()).snapshot().state
      #expect(state.resources[orders]?.restoreSpec?.config.topics.count == number + 1)
    }
    await client.close()
    try await controller.stop()
  }

  @Test("A command that nobody decides says where it stands", .broker(), arguments: brokers)
  func undecided(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let client = try CommandClient(installation.settings())
    await #expect(throws: UndecidedCommand.self) {
      _ = try await client.decide(NewCommand(orders, CommandMessage(.enable)), timeout: .milliseconds(300))
    }
    await client.close()
  }
}

import ControlTopics
import JSON
import Kafka
import KafkaLog
import RestoreModel
import TestSupport
import Testing

@Suite("The audit on a broker")
struct AuditTests {
  static let brokers = BrokerKind.here()
  let orders = ResourceKey(.restore, name: "orders")

  private func commands(_ count: Int) -> [NewCommand] {
    [NewCommand(orders, CommandMessage(.create(spec: ["source": "archive", "sink": "cluster"], metadata: nil)))]
      + (1..<count).map { number in
        switch number % 4 {
        case 0: NewCommand(orders, CommandMessage(.enable))
        case 1:
          NewCommand(
            orders,
            CommandMessage(
              .mapTopic(TopicMapping(source: TopicName("t\(number)"), target: TopicName("copy\(number)")))))
        case 2: NewCommand(orders, CommandMessage(.disable))
        default:
          NewCommand(
            ResourceKey(.storage, name: "s\(number)"),
            CommandMessage(.create(spec: ["volume": ["path": "/archive"]], metadata: nil)))
        }
      }
  }

  @Test("A service at work is audited as often as one likes", .broker(), arguments: brokers)
  func live(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let first = try await installation.start()
    let commands = commands(400)
    let sender = Task {
      let client = try CommandClient(installation.settings())
      var decided = 0
      for start in stride(from: 0, to: commands.count, by: 40) {
        decided += try await client.decide(Array(commands[start..<start + 40]), timeout: .seconds(60)).count
      }
      await client.close()
      return decided
    }
    let reader = AuditReader(installation.settings())
    var last: Int64 = 0
    while last < 400 {
      let report = try await reader.audit()
      #expect(report.difference == nil)
      #expect(report.isHeadCompared && report.hashes == report.events && report.events >= last)
      last = report.state.commandsThrough + 1
    }
    #expect(try await sender.value == 400)
    await first.kill()
    let second = try await installation.start()
    #expect(try await eventually { try await reader.audit().owners == 2 })
    #expect(try await reader.audit(of: orders).difference == nil)
    try await second.stop()
  }

  @Test("A record that somebody else wrote over a document is named", .broker(), arguments: brokers)
  func tampered(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let controller = try await installation.start()
    let client = try CommandClient(installation.settings())
    _ = try await client.decide(commands(4), timeout: .seconds(60))
    await client.close()
    try await controller.stop()
    let reader = AuditReader(installation.settings())
    let report = try await reader.audit()
    #expect(report.difference == nil)
    var forged = try #require(report.state.resources[orders])
    forged.status.phase = .done
    var encoder = RecordEncoder(installation: "x", epoch: report.state.epoch)
    let record = encoder.status(forged, sequence: report.state.sequence, time: report.state.time)
    let producer = try Producer(installation.broker.configuration)
    let position = try await producer.send(
      OutgoingRecord(
        topic: installation.naming.name(of: .status), partition: 0, key: record.key, value: record.value,
        headers: record.headers.map { KafkaHeader($0.name, $0.value) }))
    await producer.close()
    let difference = try #require(try await reader.audit().difference)
    #expect(difference.problem == .head && difference.topic == .status)
    #expect(difference.offset == position.offset && difference.key == .resource(orders))
    #expect(difference.message.contains("phase is \"Done\", but the events lead to"))
    let offsets = try #require(report.offsets)
    #expect(try await reader.audit(until: offsets.upperBound).difference == nil, "the events themselves are honest")
    #expect(try await reader.audit(until: offsets.lowerBound).events == 1)
  }
}

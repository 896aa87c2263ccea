import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

extension ThreeNodesTests {
  enum Victim: String, CaseIterable, CustomTestStringConvertible {
    case commandsLeader, transactionCoordinator, groupCoordinator, bystander

    var testDescription: String { rawValue }

    func node(for thaw: Installation) async throws -> BrokerNode {
      let (broker, owner) = (thaw.broker, "\(thaw.prefix)controller")
      let leader = try await leader(of: TopicPartition("\(thaw.prefix)commands", 0), in: broker)
      let transactions = try await coordinator(ofTransactions: owner, in: broker)
      let group = try await coordinator(ofGroup: owner, in: broker)
      switch self {
      case .commandsLeader: return leader
      case .transactionCoordinator: return transactions
      case .groupCoordinator: return group
      case .bystander:
        let ports = [leader.port, transactions.port, group.port]
        return broker.nodes.first { !ports.contains($0.port) } ?? broker.nodes[0]
      }
    }
  }

  @Test(
    "A node killed -9 under a burst of commands: each has exactly one outcome, in order", .broker(.threeNodes),
    arguments: Victim.allCases)
  func burst(of victim: Victim) async throws {
    let thaw = try await Installation(on: try await Broker.threeNodes())
    let service = try thaw.serve("--instance", "one")
    try #require(try await eventually(within: .seconds(60)) { thaw.log.contains("one owns") }, "\(thaw.log)")
    let node = try await victim.node(for: thaw)
    let producer = try Producer(thaw.broker.configuration, deliveryTimeout: .seconds(180))
    let count = 400
    for index in 0..<count {
      // In the midst of things: most of what was sent is not decided yet, and the next ones meet the hole.
      if index == count / 3 { node.killNow() }
      _ = try await producer.send(Self.command(index, on: thaw))
    }
    await producer.close()
    await node.kill()
    let decided = try await eventually(within: .seconds(180)) {
      try await Self.outcomes(of: thaw).count >= count || service.exit != nil
    }
    #expect(decided, "\(thaw.log)")
    try await Self.restart(node, of: thaw.broker)

    let commands = try await thaw.broker.readAll(TopicPartition("\(thaw.prefix)commands", 0))
    try #require(
      commands.compactMap { Self.id(of: $0.value) } == (0..<count).map { "c-\($0)" }, "each stands there once")
    let outcomes = try await Self.outcomes(of: thaw)
    #expect(outcomes.compactMap { $0["cause"]?["offset"]?.int } == commands.map(\.offset))
    #expect(outcomes.compactMap { $0["cause"]?["id"]?.string } == (0..<count).map { "c-\($0)" })
    let types = ["RestoreCreated", "TopicMapped", "SpecChanged", "RestoreDeleted"]
    #expect(outcomes.compactMap { $0["type"]?.string } == (0..<count).map { types[$0 % types.count] })
    let sequences = try await Self.events(of: thaw).compactMap { $0["sequence"]?.int }
    #expect(sequences == Array(1...Int64(max(1, sequences.count))), "no event is missing, and none is there twice")
    service.send(15)
    #expect(await service.ended() == .exited(code: 0), "\(thaw.log)")
  }

  private static func command(_ index: Int, on thaw: Installation) -> OutgoingRecord {
    let bodies = [
      #""command":"Create","spec":{"source":"archive","sink":"cluster"}"#,
      #""command":"MapTopic","source":"a","target":"b""#,
      #""command":"Configure","spec":{"description":"number \#(index)"}"#,
      #""command":"Delete""#,
    ]
    return OutgoingRecord(
      topic: "\(thaw.prefix)commands", partition: 0, key: Array("restores/default/r\(index / bodies.count)".utf8),
      value: Array(#"{"id":"c-\#(index)",\#(bodies[index % bodies.count])}"#.utf8))
  }

  private static func id(of value: [UInt8]?) -> String? {
    value.flatMap { try? JSONValue.parse($0) }?["id"]?.string
  }

  /// Straight from the topic, as any reader of committed records sees it.
  private static func events(of thaw: Installation) async throws -> [JSONValue] {
    try await thaw.broker.readAll(TopicPartition("\(thaw.prefix)events", 0)).map {
      try JSONValue.parse(try #require($0.value))
    }
  }

  private static func outcomes(of thaw: Installation) async throws -> [JSONValue] {
    try await events(of: thaw).filter { $0["outcome"]?.bool == true && $0["cause"]?["offset"] != nil }
  }
}

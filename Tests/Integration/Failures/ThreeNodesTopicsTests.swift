import Kafka
import KafkaLog
import LocalBroker
import TestSupport
import Testing

extension ThreeNodesTests {
  @Test("Control topics made while a node is away get all three copies, and nothing is warned of", .broker(.threeNodes))
  func createTopics() async throws {
    let broker = try await Broker.threeNodes()
    let node = broker.nodes[2]
    await node.kill()
    let admin = try Admin(broker.configuration)
    let isNoticed = try await eventually(within: .seconds(60)) {
      try await admin.onThread { try $0.describeCluster(timeout: .seconds(20)).brokers.count == 2 }
    }
    try #require(isNoticed)
    let prefix = uniqueName("t") + "."
    let ended = try await Program.thaw.run(
      ["topics", "create", "-b", broker.bootstrapServers, "--topic-prefix", prefix])
    #expect(ended.code == 0 && ended.errors.isEmpty, "\(ended.errors)")
    let topics = try await admin.onThread { try $0.describeCluster(timeout: .seconds(20)).topics }
    for name in ["commands", "specs", "status", "events"] {
      #expect(topics["\(prefix)\(name)"]?.replicationFactor == 3)
    }
    try await admin.onThread { $0.close() }
    try await Self.restart(node, of: broker)
  }

  /// A producer that hears of a topic from one node, and from the next that there is none, gives its records up. A node is late now and then
  /// only, so there are many topics.
  @Test("A topic counts as made when every node knows it", .broker(.threeNodes))
  func everyNode() async throws {
    let broker = try await Broker.threeNodes()
    let admin = try Admin(broker.configuration)
    for _ in 0..<40 {
      let topic = uniqueName("spread")
      try await admin.onThread {
        try $0.createTopics([NewTopic(topic, partitions: 3, replication: 3)], timeout: .seconds(60))
      }
      for node in broker.nodes { #expect(try broker.knows(topic, at: node), "node \(node.port)") }
    }
    try await admin.onThread { $0.close() }
  }
}

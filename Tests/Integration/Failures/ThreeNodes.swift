import Kafka
import LocalBroker
import TestSupport
import Testing

/// Every one of these kills a node of the one cluster of three, so they run one after the other, and each leaves three nodes that have
/// everything.
@Suite("Three nodes, of which one dies", .serialized, .mending(Broker.threeNodes))
struct ThreeNodesTests {
  /// The node that leads a partition.
  static func leader(of partition: TopicPartition, in broker: Broker) async throws -> BrokerNode {
    var leader: Int32 = -1
    let found = try await eventually(within: .seconds(60)) {
      let topic = try? await describe(broker).topics[partition.topic]
      leader = topic?.partitions.first { $0.id == partition.partition }?.leader ?? -1
      return broker.nodes.indices.contains(Int(leader) - 1)
    }
    try #require(found, "\(partition) has a leader")
    return broker.nodes[Int(leader) - 1]
  }

  /// The node that ends the transactions of this id.
  static func coordinator(ofTransactions id: String, in broker: Broker) async throws -> BrokerNode {
    try await leader(
      of: TopicPartition("__transaction_state", ApacheKafkaCluster.coordinatorPartition(of: id)), in: broker)
  }

  static func coordinator(ofGroup group: String, in broker: Broker) async throws -> BrokerNode {
    try await leader(
      of: TopicPartition("__consumer_offsets", ApacheKafkaCluster.coordinatorPartition(of: group)), in: broker)
  }

  /// Starts a node again and waits until every partition has all its copies: only then may another node die.
  static func restart(_ node: BrokerNode, of broker: Broker) async throws {
    try await node.start(timeout: .seconds(120))
    try await broker.awaitWhole()
  }

  /// Does `body` without this node, which is killed -9 or frozen first; afterwards there are three again, whatever has come of it.
  static func without<Result>(
    _ node: BrokerNode, of broker: Broker, frozen: Bool = false, _ body: () async throws -> Result
  ) async throws -> Result {
    func mend() async throws {
      node.thaw()
      await node.kill()
      try await restart(node, of: broker)
    }
    if frozen { node.freeze() } else { await node.kill() }
    let result: Result
    do { result = try await body() } catch {
      try await mend()
      throw error
    }
    try await mend()
    return result
  }

  /// As a node that answers sees it.
  private static func describe(_ broker: Broker) async throws -> ClusterDescription {
    let admin = try Admin(broker.configuration)
    return try await admin.onThread { admin in
      defer { admin.close() }
      return try admin.describeCluster(timeout: .seconds(20))
    }
  }
}

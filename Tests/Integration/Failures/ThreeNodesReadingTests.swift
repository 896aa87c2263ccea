import Kafka
import LocalBroker
import TestSupport
import Testing

extension ThreeNodesTests {
  /// For one answer: a cluster gives a dead node up after three seconds, and then has another lead.
  private static let patience = Duration.seconds(60)

  /// librdkafka's own question outlasts its time-out by a minute then, and its handle goes on asking the dead one.
  @Test("A partition's ends are told although the leader that answered before is dead", .broker(.threeNodes))
  func ends() async throws {
    let broker = try await Broker.threeNodes()
    let topic = try await broker.makeTopic()
    let partition = TopicPartition(topic, 0)
    let producer = try Producer(broker.configuration)
    _ = try await producer.send((0..<3).map { OutgoingRecord(topic: topic, partition: 0, value: [$0]) })
    await producer.close()
    let admin = try Admin(broker.configuration)
    for isolation in [Isolation.readCommitted, .readUncommitted] {
      let known = try await admin.onThread {
        try $0.watermarks(of: partition, isolation: isolation, timeout: .seconds(60))
      }
      #expect(known == Watermarks(low: 0, high: 3))
    }
    let node = try await Self.leader(of: partition, in: broker)
    await node.kill()
    for isolation in [Isolation.readCommitted, .readUncommitted] {
      let began = ContinuousClock.now
      let found = try await admin.onThread {
        try $0.watermarks(of: partition, isolation: isolation, timeout: Self.patience)
      }
      #expect(found == Watermarks(low: 0, high: 3))
      #expect(ContinuousClock.now - began < Self.patience + .seconds(30))
    }
    await admin.finish()
    try await Self.restart(node, of: broker)
  }
}

extension Admin {
  fileprivate func finish() async { try? await onThread { $0.close() } }
}

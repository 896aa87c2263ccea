import Kafka
import TestSupport
import Testing

@testable import KafkaProtocol

/// Each of these waits for as long as the socket's time-out (two minutes here), or for ever, when the way round the lost node isn't found.
@Suite("Brokers that stand still or are gone") struct StandstillTests {
  private static let patience = Duration.seconds(20)
  private static let partition = TopicPartition(FakeCluster.topic, 0)

  private func producer(_ cluster: FakeCluster, bootstrap: [UInt16]? = nil) throws -> BatchProducer {
    let configuration = bootstrap.map { cluster.configuration(bootstrap: $0) } ?? cluster.configuration
    return try BatchProducer(configuration, transactionalID: "id", slots: 16)
  }

  /// Runs a transaction that is committed.
  private static func transact(_ producer: BatchProducer) throws {
    try producer.begin(timeout: patience)
    let offsets = [partition: CommittedPosition(offset: 1)]
    try producer.sendOffsets(offsets, memberlessGroup: "group", timeout: patience)
    try producer.commit(timeout: patience)
  }

  @Test("A question that any broker can answer goes to the next one when the first stands still") func question()
    async throws
  {
    let cluster = try FakeCluster()
    defer { cluster.stop() }
    let producer = try producer(cluster)
    let took = try await producer.onThread { producer throws in
      defer { producer.close() }
      _ = try producer.clusterID(timeout: Self.patience)
      let first = try #require(cluster.asked(.metadata).last)
      cluster.change { $0.frozen = [first] }
      let began = ContinuousClock.now
      #expect(try producer.clusterID(timeout: Self.patience) == "cluster")
      return ContinuousClock.now - began
    }
    #expect(Set(cluster.asked(.metadata)).count == 2)
    #expect(took < .seconds(4), "not after a broken connection only")
  }

  @Test(
    "Who is left alone by a broker that all its connections go to asks the others who has its place",
    arguments: [API.endTransaction, .addOffsetsToTransaction, .transactionOffsetCommit])
  func coordinator(api: API) async throws {
    let cluster = try FakeCluster()
    defer { cluster.stop() }
    // The other one is known from metadata only, and no connection goes there yet.
    let producer = try producer(cluster, bootstrap: [cluster.ports[0]])
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      _ = try producer.end(of: Self.partition, timeout: Self.patience)
      try Self.transact(producer)
      #expect(!cluster.asked(.metadata).contains(2))
      cluster.change { state in
        state.freezesAt = [1: api]
        (state.inCharge, state.groupCoordinator) = (2, 2)
      }
      try Self.transact(producer)
      try Self.transact(producer)
    }
    #expect(cluster.asked(api).suffix(2) == [2, 2])
  }

  @Test("A partition's end is asked of the new leader when the old one stands still") func leader() async throws {
    let cluster = try FakeCluster()
    defer { cluster.stop() }
    let producer = try producer(cluster)
    try await producer.onThread { producer throws in
      defer { producer.close() }
      #expect(try producer.end(of: Self.partition, timeout: Self.patience) == 5)
      cluster.change { state in
        state.freezesAt = [1: .listOffsets]
        state.inCharge = 2
      }
      #expect(try producer.end(of: Self.partition, timeout: Self.patience) == 5)
    }
    #expect(cluster.asked(.listOffsets) == [1, 1, 2])
  }

  @Test("Batches wait for as long as the broker asks for silence") func silence() async throws {
    let cluster = try FakeCluster()
    defer { cluster.stop() }
    cluster.change { $0.throttle = 700 }
    let producer = try BatchProducer(cluster.configuration, transactionalID: nil, slots: 1)
    let stored = StoredBytes(payload: 20, seed: 1, count: 10)
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try stored.lend { header, payload in
        for _ in 0..<3 {
          _ = try producer.produce(to: producer.target(Self.partition), slot: 0, header: header, payload: payload)
          try producer.drain(timeout: Self.patience)
        }
      }
    }
    let times = cluster.times(of: .produce)
    let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
    #expect(pauses.count == 2 && pauses.allSatisfy { $0 >= .milliseconds(700) }, "\(pauses)")
  }

  @Test("The coordinator of a broker that the cluster has forgotten is looked for, though nothing else happens")
  func forgotten() async throws {
    let cluster = try FakeCluster()
    defer { cluster.stop() }
    cluster.change { $0.inCharge = 2 }
    let producer = try producer(cluster)
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: Self.patience)
      try Self.transact(producer)
      #expect(cluster.asked(.transactionOffsetCommit) == [1])
      cluster.change { $0.groupCoordinator = 2 }
      cluster.kill(1)
      // Until it has heard of it.
      let end = ContinuousClock.now + Self.patience
      while producer.network.nodes[1] != nil, ContinuousClock.now < end {
        _ = try producer.end(of: Self.partition, timeout: Self.patience)
      }
      try #require(producer.network.nodes[1] == nil)
      // And until nothing is about to be tried again, which would wake it by chance.
      let calm = ContinuousClock.now + .milliseconds(500)
      while ContinuousClock.now < calm { _ = try producer.end(of: Self.partition, timeout: Self.patience) }
      try Self.transact(producer)
    }
    #expect(cluster.asked(.transactionOffsetCommit) == [1, 2])
  }
}

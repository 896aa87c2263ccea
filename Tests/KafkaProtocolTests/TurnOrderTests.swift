import Kafka
import Seeded
import TestSupport
import Testing

@testable import KafkaProtocol

@Suite("Whose turn it is") struct TurnOrderTests {
  @Test("First in, first out, as an array would, whatever is put before or behind", arguments: UInt64(1)...10)
  func fifo(seed: UInt64) {
    var random = SeededGenerator(seed)
    var (queue, model) = (Fifo<Int>(), [Int]())
    for number in 0..<2000 {
      switch Int.random(in: 0..<8, using: &random) {
      case 0...3:
        queue.append(number)
        model.append(number)
      case 4 where number % 40 == 0:
        queue.prepend([-number, -number - 1])
        model = [-number, -number - 1] + model
      case 5 where number % 300 == 0:
        queue.removeAll()
        model = []
      default: #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()), "seed \(seed)")
      }
      #expect(queue.first == model.first && queue.isEmpty == model.isEmpty && Array(queue.all) == model, "seed \(seed)")
    }
  }

  @Test(
    "The coordinator knows of a partition before its first batch in each transaction, whatever the one before left behind"
  )
  func announced() async throws {
    let cluster = try FakeCluster()
    defer { cluster.stop() }
    // So that some wait for their turn, and not for answers, when a transaction ends.
    cluster.change { $0.throttle = 200 }
    let producer = try BatchProducer(cluster.configuration, transactionalID: "id", slots: 64)
    let stored = StoredBytes(payload: 20, seed: 1, count: 10)
    try await producer.onThread { producer throws in
      defer { producer.close() }
      try producer.initTransactions(timeout: .seconds(20))
      let target = producer.target(TopicPartition(FakeCluster.topic, 0))
      try stored.lend { header, payload in
        for commits in [false, true, false, true] {
          try producer.begin(timeout: .seconds(20))
          func send() throws { _ = try producer.produce(to: target, slot: 0, header: header, payload: payload) }
          try send()
          try producer.drain(timeout: .seconds(20))
          for _ in 0..<20 { try send() }
          try producer.poll()
          if commits {
            try producer.commit(timeout: .seconds(20))
          } else {
            #expect(producer.listed.values.contains { !$0.isEmpty })
            try producer.abort(timeout: .seconds(20))
          }
        }
      }
    }
    var isKnown = false
    for api in cluster.sequence {
      switch api {
      case .addPartitionsToTransaction: isKnown = true
      case .endTransaction: isKnown = false
      case .produce: #expect(isKnown)
      default: break
      }
    }
    #expect(cluster.asked(.addPartitionsToTransaction).count == 4)
    #expect(cluster.asked(.endTransaction).count == 4)
  }
}

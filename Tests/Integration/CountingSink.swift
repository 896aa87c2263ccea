import ColdStorage
import Kafka
import RestoreModel

@testable import RestoreEngine

/// A sink that only counts: what comes is read and digested like any other, acknowledged at once, and gone.
final class CountingSink: RecordSink {
  private let outlet = CountingOutlet()
  private let writer: RecordWriter<CountingOutlet>
  private var committed: [TopicPartition: CommittedPosition] = [:]

  init(_ changes: RecordChanges) throws { writer = try RecordWriter(outlet, changes) }

  func clusterID(timeout: Duration) throws(KafkaError) -> String? { nil }
  func takeOver(timeout: Duration) throws(KafkaError) {}
  func partitions(of topics: [String], timeout: Duration) throws(KafkaError) -> [TopicPartition] { [] }
  func positions(
    of partitions: [TopicPartition], group: String, timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] { committed.filter { partitions.contains($0.key) } }
  func target(_ partition: TopicPartition) throws(KafkaError) -> Int {
    outlet.ends.append(0)
    outlet.ranges.append(AcknowledgedRange())
    return outlet.ends.count - 1
  }
  func begin() throws(KafkaError) {}
  func send(_ batch: LoadedBatch, to target: Int, _ tally: inout SendTally, budget: inout Int) throws -> SendOutcome {
    try writer.write(batch, to: target, &tally, budget: &budget)
  }
  func cut(_ batch: LoadedBatch, _ tally: inout SendTally) throws { try writer.digestPrefix(of: batch, &tally) }
  func poll(timeout: Duration) throws(KafkaError) {}
  func drain(timeout: Duration) throws(KafkaError) {}
  func outstanding(inSlot slot: Int) -> Int { 0 }
  func takeAcknowledged(_ target: Int) -> AcknowledgedRange {
    defer { outlet.ranges[target] = AcknowledgedRange() }
    return outlet.ranges[target]
  }
  func ends(of partitions: [TopicPartition], timeout: Duration) throws(KafkaError) -> [TopicPartition: Int64] { [:] }
  func send(
    positions: [TopicPartition: CommittedPosition], group: String, timeout: Duration
  ) throws(KafkaError) { committed.merge(positions) { $1 } }
  func commit(timeout: Duration) throws(KafkaError) {}
  func abort(timeout: Duration) throws(KafkaError) {}
  func close() {}
}

final class CountingOutlet: RecordOutlet {
  var ends: [Int64] = []
  var ranges: [AcknowledgedRange] = []

  func addHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) throws(KafkaError) {}
  func dropHeaders() {}

  func offer(
    to target: Int, slot: Int, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
  ) throws(KafkaError) -> Bool {
    ranges[target].count += 1
    ranges[target].first = ranges[target].first ?? ends[target]
    ranges[target].last = ends[target]
    ends[target] += 1
    return true
  }
}

import ColdStorage
import Kafka
import TestSupport

@testable import RestoreEngine

/// A lane's sink on a simulated cluster. What it is offered it reads only when it acknowledges, as a client does that doesn't copy: memory that
/// is used again too early shows.
final class SimulatedSink: RecordSink {
  private let cluster: SimulatedCluster
  private let id: String
  private let outlet: SimulatedOutlet
  private let writer: RecordWriter<SimulatedOutlet>
  private var epoch = 0

  init(_ cluster: SimulatedCluster, id: String, _ changes: RecordChanges, queue: Int) throws {
    self.cluster = cluster
    self.id = id
    outlet = SimulatedOutlet(capacity: queue)
    writer = try RecordWriter(outlet, changes)
  }

  func clusterID(timeout: Duration) throws(KafkaError) -> String? { nil }
  func takeOver(timeout: Duration) throws(KafkaError) { epoch = try cluster.takeOver(id) }

  func partitions(of topics: [String], timeout: Duration) throws(KafkaError) -> [TopicPartition] {
    topics.flatMap { topic in (0..<4).map { TopicPartition(topic, $0) } }
  }

  func positions(
    of partitions: [TopicPartition], group: String, timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
    try cluster.fetch(partitions, group)
  }

  func target(_ partition: TopicPartition) throws(KafkaError) -> Int {
    outlet.targets.append(partition)
    outlet.ranges.append(AcknowledgedRange())
    return outlet.targets.count - 1
  }

  func begin() throws(KafkaError) { try cluster.begin(id, epoch) }

  func send(_ batch: LoadedBatch, to target: Int, _ tally: inout SendTally, budget: inout Int) throws -> SendOutcome {
    try writer.write(batch, to: target, &tally, budget: &budget)
  }

  func cut(_ batch: LoadedBatch, _ tally: inout SendTally) throws { try writer.digestPrefix(of: batch, &tally) }

  func poll(timeout: Duration) throws(KafkaError) {
    try cluster.touch(.poll)
    try acknowledge(at: 1)
  }

  func drain(timeout: Duration) throws(KafkaError) {
    try cluster.touch(.drain)
    try acknowledge(at: outlet.waiting.count)
  }

  private func acknowledge(at count: Int) throws(KafkaError) {
    for offered in outlet.waiting.prefix(count) {
      let offset = try cluster.append(offered.record, to: outlet.targets[offered.target], id, epoch)
      outlet.ranges[offered.target].count += 1
      outlet.ranges[offered.target].first = outlet.ranges[offered.target].first ?? offset
      outlet.ranges[offered.target].last = offset
    }
    outlet.waiting.removeFirst(min(count, outlet.waiting.count))
  }

  func outstanding(inSlot slot: Int) -> Int { outlet.waiting.count { $0.slot == slot } }

  func takeAcknowledged(_ target: Int) -> AcknowledgedRange {
    defer { outlet.ranges[target] = AcknowledgedRange() }
    return outlet.ranges[target]
  }

  func ends(of partitions: [TopicPartition], timeout: Duration) throws(KafkaError) -> [TopicPartition: Int64] {
    Dictionary(uniqueKeysWithValues: partitions.map { ($0, cluster.end(of: $0)) })
  }

  func send(
    positions: [TopicPartition: CommittedPosition], group: String, timeout: Duration
  ) throws(KafkaError) {
    try cluster.send(positions, group, id, epoch)
  }

  func commit(timeout: Duration) throws(KafkaError) { try cluster.commit(id, epoch) }

  func abort(timeout: Duration) throws(KafkaError) {
    outlet.waiting = []
    try cluster.abort(id, epoch)
  }

  func close() { outlet.waiting = [] }
}

final class SimulatedOutlet: RecordOutlet {
  struct Offered {
    let target: Int
    let slot: Int
    let timestamp: Int64
    let key: [UInt8]?
    let value: UnsafeRawBufferPointer?
    let headers: [TestRecord.Header]

    var record: TestRecord {
      TestRecord(offset: -1, timestamp: timestamp, key: key, value: value.map(Array.init), headers: headers)
    }
  }

  private let capacity: Int
  private var headers: [TestRecord.Header] = []
  var waiting: [Offered] = []
  var targets: [TopicPartition] = []
  var ranges: [AcknowledgedRange] = []

  init(capacity: Int) { self.capacity = capacity }

  func addHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) throws(KafkaError) {
    headers.append(TestRecord.Header(String(decoding: name, as: UTF8.self), value.map(Array.init)))
  }

  func dropHeaders() { headers = [] }

  func offer(
    to target: Int, slot: Int, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
  ) throws(KafkaError) -> Bool {
    guard waiting.count < capacity else { return false }
    waiting.append(
      Offered(
        target: target, slot: slot, timestamp: timestamp, key: key.map(Array.init), value: value, headers: headers))
    headers = []
    return true
  }
}

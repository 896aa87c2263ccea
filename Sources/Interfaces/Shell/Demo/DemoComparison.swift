import Kafka

/// Source and target, record by record: key, value, headers and timestamp in the same order in each partition.
struct DemoComparison: Sendable {
  struct Result: Sendable, Hashable {
    var records = 0
    var withoutKey = 0
    var tombstones = 0
    var headers = 0
    /// The first difference, in words; nil when there is none.
    var difference: String?
  }

  let configuration: KafkaConfiguration
  let topics: DemoTopics

  func run() async throws -> Result {
    let source = try await records(of: topics.source)
    let target = try await records(of: topics.target)
    return Self.compare(source, target)
  }

  static func compare(_ source: [[ConsumedRecord]], _ target: [[ConsumedRecord]]) -> Result {
    var result = Result()
    for (partition, pair) in zip(source, target).enumerated() {
      let (expected, found) = pair
      for (index, record) in expected.enumerated() {
        guard index < found.count else {
          result.difference =
            "partition \(partition): \(expected.count) records in the source, \(found.count) in the target"
          return result
        }
        if let what = difference(record, found[index]) {
          result.difference = "partition \(partition), record \(index): the \(what) differs"
          return result
        }
        result.records += 1
        result.withoutKey += record.key == nil ? 1 : 0
        result.tombstones += record.value == nil ? 1 : 0
        result.headers += record.headers.count
      }
      if found.count > expected.count {
        result.difference = "partition \(partition): the target has \(found.count - expected.count) records too many"
        return result
      }
    }
    return result
  }

  private static func difference(_ source: ConsumedRecord, _ target: ConsumedRecord) -> String? {
    if source.key != target.key { return "key" }
    if source.value != target.value { return "value" }
    if source.headers != target.headers { return "list of headers" }
    return source.timestamp == target.timestamp ? nil : "timestamp"
  }

  private func records(of topic: String) async throws -> [[ConsumedRecord]] {
    let consumer = try Consumer(configuration, isolation: .readCommitted)
    return try await consumer.onThread { consumer in
      defer { consumer.close() }
      var records = [[ConsumedRecord]](repeating: [], count: Int(DemoTopics.partitions))
      var open = Set((0..<DemoTopics.partitions).map { TopicPartition(topic, $0) })
      for partition in open { try consumer.start(partition, at: .beginning) }
      let end = ContinuousClock.now + .seconds(60)
      while !open.isEmpty {
        guard ContinuousClock.now < end else {
          throw ShellFailure(.timedOut, "\(topic): could not be read to its end within a minute")
        }
        for event in try consumer.poll(timeout: .milliseconds(500)) {
          switch event {
          case .record(let record): records[Int(record.partition)].append(record)
          case .endOfPartition(let partition, _): open.remove(partition)
          case .failed(_, let error):
            if error.disposition != .retriable { throw error }
          }
        }
      }
      return records
    }
  }
}

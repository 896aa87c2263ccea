import Kafka
import TestSupport
import Testing

/// Compares two topics record by record under read_committed: key, value, headers in order, timestamp, partition, order.
func expectEqual(
  _ source: String, _ target: String, partitions: Int32 = 3, on broker: Broker, targetBroker: Broker? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  for partition in 0..<partitions {
    let expected = try await broker.readAll(TopicPartition(source, partition)).map(RecordContent.init)
    let found = try await (targetBroker ?? broker).readAll(TopicPartition(target, partition)).map(RecordContent.init)
    #expect(
      found.count == expected.count, "records in partition \(partition) of \(target)", sourceLocation: sourceLocation)
    let different = zip(expected, found).enumerated().first { $1.0 != $1.1 }
    #expect(different == nil, "partition \(partition) of \(target)", sourceLocation: sourceLocation)
  }
}

import ControlTopics
import Kafka

/// What an owner's transaction holds: records, and the position in `commands` whose metadata says where the records lie.
///
/// The position takes two round trips to two coordinators, and the records two more. Where the metadata can be guessed they are made side by side. It is
/// compared with the acknowledgements before anything is committed: of a guess that was wrong the position is sent again, and the last one sent counts
/// (KIP-98).
struct DecisionTransaction {
  let producer: TransactionalProducer
  let identity: ConsumerGroupMetadata
  let settings: KafkaLogSettings
  let timeout: Duration
  let position: Int64
  let metadata: @Sendable (_ written: [ControlTopic: Int64]) -> String

  /// Returns the last offset in each topic that was written to, once all of it is on the brokers. The commit is the caller's.
  func write(
    _ records: [OutgoingControlRecord], expecting expected: [ControlTopic: Int64]?
  ) throws(KafkaError) -> [ControlTopic: Int64] {
    guard let expected else {
      try produce(records)
      let written = try flush()
      try start(written).wait()
      return written
    }
    // From its first record on librdkafka waits a millisecond before it adds the partitions to the transaction.
    try produce(records.prefix(1))
    let positions = try start(expected)
    let result = Result { () throws(KafkaError) in
      try produce(records.dropFirst())
      return try flush()
    }
    do { try positions.wait() } catch {
      // What the one fails in fails the other, which then knows nothing but that.
      guard case .failure(let failure) = result, !failure.isConsequence else { throw error }
      throw failure
    }
    let written = try result.get()
    if written != expected { try start(written).wait() }
    return written
  }

  private func start(_ written: [ControlTopic: Int64]) throws(KafkaError) -> OffsetsCall {
    let position = Kafka.CommittedPosition(offset: position, metadata: metadata(written))
    return try producer.startOffsets([settings.partition(.commands): position], group: identity, timeout: timeout)
  }

  private func produce(_ records: some Sequence<OutgoingControlRecord>) throws(KafkaError) {
    for record in records { try producer.produce(record.kafka(in: settings.naming), timeout: timeout) }
  }

  private func flush() throws(KafkaError) -> [ControlTopic: Int64] {
    var last: [ControlTopic: Int64] = [:]
    for position in try producer.flush(timeout: timeout) {
      guard let offset = position.offset, let topic = settings.naming.topic(named: position.topic) else { continue }
      last[topic] = max(offset, last[topic] ?? offset)
    }
    return last
  }
}

extension KafkaError {
  /// The transaction had failed already.
  fileprivate var isConsequence: Bool { [.purgedFromQueue, .purgedInFlight, .state].contains(code) }
}

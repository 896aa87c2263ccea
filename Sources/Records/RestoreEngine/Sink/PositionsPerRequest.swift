import Kafka

extension [TopicPartition: CommittedPosition] {
  private static let perRequest = 1000

  /// In parts, in order: brokers append a commit's positions as one batch of their own topic, so many of them go in several requests of one
  /// transaction.
  func inRequests(_ send: (Self) throws(KafkaError) -> Void) throws(KafkaError) {
    var rest = sorted { $0.key < $1.key }[...]
    while !rest.isEmpty {
      try send(Self(uniqueKeysWithValues: rest.prefix(Self.perRequest).map { ($0.key, $0.value) }))
      rest = rest.dropFirst(Self.perRequest)
    }
  }
}

/// The requests that we make, by their API keys (kafka.apache.org/protocol, "Api Keys").
package enum API: Int16, Sendable, CaseIterable {
  case produce = 0
  case listOffsets = 2
  case metadata = 3
  case offsetFetch = 9
  case findCoordinator = 10
  case apiVersions = 18
  case initProducerID = 22
  case addPartitionsToTransaction = 24
  case addOffsetsToTransaction = 25
  case endTransaction = 26
  case transactionOffsetCommit = 28

  /// The versions that we speak. Every lower end is in Kafka 2.5; beyond the upper ends transactions work another way
  /// (KIP-890, `transaction.version` 2), or topics have ids in place of names (KIP-516).
  package var versions: ClosedRange<Int16> {
    switch self {
    case .produce: 7...11
    case .listOffsets: 2...6
    case .metadata: 7...9
    case .offsetFetch: 7...8
    case .findCoordinator: 1...4
    case .apiVersions: 0...3
    case .initProducerID: 3...5
    case .addPartitionsToTransaction: 1...3
    case .addOffsetsToTransaction: 1...4
    case .endTransaction: 1...4
    case .transactionOffsetCommit: 2...4
    }
  }

  /// From this version on lengths are compact and structures end with tagged fields (KIP-482).
  private var firstFlexible: Int16 {
    switch self {
    case .produce, .metadata: 9
    case .listOffsets, .offsetFetch: 6
    case .initProducerID: 2
    case .findCoordinator, .apiVersions, .addPartitionsToTransaction, .addOffsetsToTransaction, .endTransaction,
      .transactionOffsetCommit:
      3
    }
  }

  /// Any broker that is well answers at once: it needs no other broker, and no disk.
  var isQuick: Bool { [.apiVersions, .metadata, .findCoordinator].contains(self) }

  package func isFlexible(_ version: Int16) -> Bool { version >= firstFlexible }

  /// The header of an answer about versions is the old one always: who asks doesn't know yet what the broker speaks (KIP-511).
  func hasFlexibleAnswerHeader(_ version: Int16) -> Bool { self != .apiVersions && isFlexible(version) }
}

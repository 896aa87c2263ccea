import Testing

/// What a test may need of a broker beyond the plain protocol.
package enum BrokerProperty: Sendable, Hashable {
  /// What was acknowledged survives a kill -9.
  case durability
  /// While a transaction with positions of a group is open, the stable positions are withheld (KIP-447).
  case stablePositions
  /// A stale member of a group is refused in a transaction; a dead one is evicted.
  case groupFencing
  /// Topics aren't created by looking at them.
  case noAutoCreation
  /// Two members take over from each other by cooperative-sticky rebalances however often it happens.
  case rebalancing
  /// Timestamps too far from now are refused.
  case timestampLimits
  /// The broker says an idle consumer's fetch is waiting instead of answering it at once.
  case longPolling
  /// An open transaction holds back the last stable offset, and the true end is told apart from it.
  case lastStableOffset
  /// Three nodes of it make a cluster (`Broker.threeNodes`).
  case threeNodes
}

/// The brokers that tests run on.
package enum BrokerKind: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case noida
  case apache

  package var testDescription: String { rawValue }

  package func has(_ properties: Set<BrokerProperty>) -> Bool {
    switch self {
    case .apache: true
    case .noida: properties.isSubset(of: [.lastStableOffset])
    }
  }

  /// Where it is, if it is here. `THAW_NOIDA_DB` names the binary (else a virtual environment `.venv` beside Package.swift is
  /// searched), `KAFKA_HOME` a folder with `libs/*.jar`.
  package var location: String? {
    switch self {
    case .noida: Environment["THAW_NOIDA_DB"] ?? Environment.wheelBinary
    case .apache: Environment["KAFKA_HOME"]
    }
  }

  package var hint: String {
    switch self {
    case .noida: "noida-db (pip install noida-db into .venv, or THAW_NOIDA_DB=its binary)"
    case .apache: "Apache Kafka (KAFKA_HOME=a folder with libs/*.jar)"
    }
  }

  /// The brokers here that have these properties; the cheapest first.
  package static func here(with properties: Set<BrokerProperty> = []) -> [BrokerKind] {
    allCases.filter { $0.has(properties) && $0.location != nil }
  }
}

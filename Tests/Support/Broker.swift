package import Kafka
package import LocalBroker
package import Testing
import Threads

/// A broker that tests share: started when first asked for, ended with the test process.
package struct Broker: Sendable {
  package struct Missing: Error, CustomStringConvertible {
    package let description: String
  }

  package let kind: BrokerKind
  package let node: BrokerNode

  package var configuration: KafkaConfiguration { KafkaConfiguration(bootstrapServers: node.bootstrapServers) }

  private static let starts = Locked<[BrokerKind: Task<Broker, any Error>]>([:])

  /// The shared broker of a kind.
  package static func shared(_ kind: BrokerKind) async throws -> Broker {
    try await starts.withLock { starts in
      let task = starts[kind] ?? Task { try await own(kind) }
      starts[kind] = task
      return task
    }.value
  }

  /// The cheapest shared broker with these properties.
  package static func require(_ properties: Set<BrokerProperty> = []) async throws -> Broker {
    guard let kind = BrokerKind.here(with: properties).first else {
      throw Missing(description: Self.complaint(properties))
    }
    return try await shared(kind)
  }

  /// A broker of the test's own, to be killed, frozen and started again.
  package static func own(_ kind: BrokerKind, properties: [String: String] = [:]) async throws -> Broker {
    guard let location = kind.location else { throw Missing(description: "no \(kind.hint) here") }
    let directory = try TemporaryDirectory.make(kind.rawValue)
    let node =
      switch kind {
      case .noida: try await NoidaBroker.start(binary: location, directory: directory)
      case .apache: try await ApacheKafkaBroker(home: location, properties: properties).start(directory: directory)
      }
    AtExit.run { node.killNow() }
    return Broker(kind: kind, node: node)
  }

  static func complaint(_ properties: Set<BrokerProperty>) -> String {
    let able = BrokerKind.allCases.filter { $0.has(properties) }.map(\.hint)
    return "needs \(able.joined(separator: " or "))"
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test where no broker has these properties; with THAW_REQUIRE_BROKERS=1 it runs, and fails.
  package static func broker(_ properties: BrokerProperty...) -> Self {
    let needed = Set(properties)
    return .enabled(
      if: Environment.requiresBrokers || !BrokerKind.here(with: needed).isEmpty,
      Comment(rawValue: Broker.complaint(needed)))
  }
}

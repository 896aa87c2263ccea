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
  /// One, or three that are one cluster; node n has broker id n + 1 there.
  package let nodes: [BrokerNode]
  package var node: BrokerNode { nodes[0] }

  package var bootstrapServers: String { nodes.map(\.bootstrapServers).joined(separator: ",") }
  package var configuration: KafkaConfiguration { KafkaConfiguration(bootstrapServers: bootstrapServers) }

  private static let starts = Locked<[BrokerKind: Task<Broker, any Error>]>([:])

  /// The shared broker of a kind.
  package static func shared(_ kind: BrokerKind) async throws -> Broker {
    try await starts.withLock { starts in
      let task =
        starts[kind]
        ?? Task {
          let broker = try await own(kind)
          try await broker.awaitGroupCoordinator()
          return broker
        }
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
    return Broker(kind: kind, nodes: [node])
  }

  private static let cluster = Locked<Task<Broker, any Error>?>(nil)

  /// The one cluster of three nodes. Its tests run one after the other, and leave every node running.
  package static func threeNodes() async throws -> Broker {
    try await cluster.withLock { cluster in
      let task =
        cluster
        ?? Task {
          guard let home = BrokerKind.apache.location else {
            throw Missing(description: "no \(BrokerKind.apache.hint) here")
          }
          let nodes = try await ApacheKafkaCluster(ApacheKafkaBroker(home: home))
            .start(directory: try TemporaryDirectory.make("cluster"))
          AtExit.run { for node in nodes { node.killNow() } }
          for node in nodes { try await Broker(kind: .apache, nodes: [node]).awaitCluster(of: nodes.count) }
          return Broker(kind: .apache, nodes: nodes)
        }
      cluster = task
      return task
    }.value
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

import Glibc

/// Three nodes of Apache Kafka that are one cluster: each is broker and controller, every partition has three copies, and two must have
/// a record before it is acknowledged. So it goes on without any one of them, and not without two.
package struct ApacheKafkaCluster: Sendable {
  private let broker: ApacheKafkaBroker

  /// Partitions of `__transaction_state` and of `__consumer_offsets`.
  package static let coordinatorPartitions = 4

  package init(_ broker: ApacheKafkaBroker) { self.broker = broker }

  /// The nodes, in the order of their broker ids 1, 2, 3; each in a directory of its number, and each to be killed, frozen and
  /// started again on its own.
  package func start(directory: String, timeout: Duration = .seconds(120)) async throws -> [BrokerNode] {
    mkdir(directory, 0o755)
    let ports = try LoopbackPort.free(6)
    let broker = broker
    // Together: the first one serves nobody before it has a second to vote for it.
    let results = await withTaskGroup(of: (Int, Result<BrokerNode, any Error>).self) { group in
      for number in 1...3 {
        let seat = KafkaSeat(number: number, port: ports[number - 1], controllers: Array(ports[3...]))
        group.addTask {
          do {
            return (
              number, .success(try await broker.start(directory: "\(directory)/\(number)", seat, timeout: timeout))
            )
          } catch { return (number, .failure(error)) }
        }
      }
      var results: [Int: Result<BrokerNode, any Error>] = [:]
      for await (number, result) in group { results[number] = result }
      return results.sorted { $0.key < $1.key }.map(\.value)
    }
    do { return try results.map { try $0.get() } } catch {
      for case .success(let node) in results { await node.kill() }
      throw error
    }
  }

  /// The partition of `__transaction_state` (`__consumer_offsets`) whose leader coordinates this transactional id (group): Java's
  /// `String.hashCode` without its sign, modulo the number of partitions (`TransactionStateManager.partitionFor`).
  package static func coordinatorPartition(of id: String) -> Int32 {
    let hash = id.utf16.reduce(Int32(0)) { $0 &* 31 &+ Int32($1) }
    return (hash & Int32.max) % Int32(coordinatorPartitions)
  }
}

/// A node's place in its cluster.
struct KafkaSeat: Sendable {
  /// From 1.
  let number: Int
  let port: UInt16
  /// Ports of all nodes' controllers, in the order of their numbers.
  let controllers: [UInt16]

  var controller: UInt16 { controllers[number - 1] }
  var voters: String {
    controllers.enumerated().map { "\($0.offset + 1)@127.0.0.1:\($0.element)" }.joined(separator: ",")
  }
  var copies: Int { min(3, controllers.count) }
  var safeCopies: Int { copies > 1 ? 2 : 1 }
}

import Glibc
import Kafka

/// The connections of a client, at most one to each broker, all served by the thread that calls `turn`.
final class Network {
  private struct Peer: Hashable {
    /// Nil: a bootstrap address, of which it isn't known which broker is behind it.
    var node: Int32?
    var address: BrokerAddress
  }

  private struct Failure {
    var error: KafkaError
    var retryAt: ContinuousClock.Instant
    var delay: Duration
  }

  let settings: ClientSettings
  private(set) var nodes: [Int32: BrokerAddress] = [:]
  private var connections: [Peer: Connection] = [:]
  private var failures: [Peer: Failure] = [:]
  /// Of connections that ended since the last turn.
  private var pending: [Connection.Event] = []
  /// A connection was lost or refused: another broker may lead by now.
  var hasLostConnection = false
  private var nextOpening = ContinuousClock.now
  private static let stagger = Duration.milliseconds(200)
  /// Somebody asked for a connection to any broker, and there was none.
  private var lacksConnection = false
  /// How long a broker may take over something before others are asked instead.
  static let slowness = Duration.seconds(1)
  /// Why the last connection failed.
  private(set) var lastError: KafkaError?

  private static let delays = (first: Duration.milliseconds(20), longest: Duration.seconds(1))

  init(_ settings: ClientSettings) { self.settings = settings }

  func learn(_ broker: Metadata.Broker) {
    guard broker.id >= 0, let port = UInt16(exactly: broker.port), port > 0 else { return }
    let address = BrokerAddress(host: broker.host, port: port)
    if let old = nodes.updateValue(address, forKey: broker.id), old != address {
      end(
        Peer(node: broker.id, address: old), KafkaError(.transport, "broker \(broker.id) has moved", isRetriable: true))
    }
  }

  /// Forgets brokers that the cluster no longer has.
  func keep(_ brokers: [Metadata.Broker]) {
    let ids = Set(brokers.map(\.id))
    for (id, address) in nodes where !ids.contains(id) {
      nodes[id] = nil
      end(Peer(node: id, address: address), KafkaError(.transport, "broker \(id) is gone", isRetriable: true))
    }
  }

  /// The connection to a broker when it is ready; else it is on its way, or waits to be tried again.
  func connection(to node: Int32) -> Connection? {
    guard let address = nodes[node] else { return nil }
    let peer = Peer(node: node, address: address)
    if let connection = connections[peer] { return connection.isReady ? connection : nil }
    open(peer)
    return nil
  }

  /// The ready connection with the least to do, of those that answer: a broker at a standstill closes none, and would have every question wait.
  /// While there is none, they are opened to the brokers known, one after the other.
  func anyConnection(_ now: ContinuousClock.Instant) -> Connection? {
    let ready = connections.values.filter { $0.isReady && !$0.isStalled(for: Self.slowness, now) }
    func load(_ connection: Connection) -> (Int, Int) { (connection.throttledUntil > now ? 1 : 0, connection.inFlight) }
    if let idle = ready.min(by: { load($0) < load($1) }) { return idle }
    lacksConnection = true
    guard now >= nextOpening else { return nil }
    let peers =
      nodes.sorted { $0.key < $1.key }.map { Peer(node: $0.key, address: $0.value) }
      + settings.bootstrap.map { Peer(node: nil, address: $0) }
    let due = peers.filter { connections[$0] == nil && (failures[$0]?.retryAt ?? now) <= now }
    // The one that never failed, or failed longest ago.
    guard let first = due.first else { return nil }
    let next = due.dropFirst().reduce(first) { best, peer in
      guard let failed = failures[best] else { return best }
      return failures[peer].map { $0.retryAt >= failed.retryAt } ?? false ? best : peer
    }
    nextOpening = now + Self.stagger
    open(next)
    return nil
  }

  /// Brokers that have owed an answer for longer than `patience`; and when the next one will.
  func stalled(
    for patience: Duration, now: ContinuousClock.Instant
  ) -> (nodes: Set<Int32>, next: ContinuousClock.Instant?) {
    var nodes: Set<Int32> = []
    var next: ContinuousClock.Instant?
    for (peer, connection) in connections where connection.inFlight > 0 {
      guard let node = peer.node else { continue }
      let time = connection.frontSince + patience
      if connection.isStalled(for: patience, now) { nodes.insert(node) } else { next = min(next ?? time, time) }
    }
    return (nodes, next)
  }

  /// Ends the connection to a broker whose place another has taken.
  func leave(_ node: Int32) {
    guard let address = nodes[node] else { return }
    let reason = "\(address) has not answered, and is no longer in charge"
    end(Peer(node: node, address: address), KafkaError(.transport, reason, isRetriable: true))
  }

  /// The last try to connect failed.
  func isFailing(_ node: Int32) -> Bool {
    guard let address = nodes[node] else { return true }
    return failures[Peer(node: node, address: address)] != nil
  }

  private func open(_ peer: Peer) {
    if let failure = failures[peer], failure.retryAt > .now { return }
    do { connections[peer] = try Connection(peer.address, node: peer.node, settings) } catch { failed(peer, error) }
  }

  private func failed(_ peer: Peer, _ error: KafkaError) {
    let delay = min(Self.delays.longest, failures[peer].map { $0.delay * 2 } ?? Self.delays.first)
    failures[peer] = Failure(error: error, retryAt: .now + delay, delay: delay)
    lastError = error
    hasLostConnection = true
  }

  private func end(_ peer: Peer, _ error: KafkaError) {
    guard let connection = connections.removeValue(forKey: peer) else { return }
    pending += connection.abandon(error)
  }

  /// Ends the connections that `condition` holds for; their requests are lost.
  func end(_ error: KafkaError, where condition: (Connection) -> Bool) {
    for (peer, connection) in connections where condition(connection) { end(peer, error) }
  }

  /// Serves all connections, waiting up to `timeout` for something to happen.
  func turn(until end: ContinuousClock.Instant) -> [Connection.Event] {
    var now = ContinuousClock.now
    let peers = Array(connections)
    var watched = peers.map { pollfd(fd: $0.value.descriptor, events: $0.value.interest, revents: 0) }
    var wake = pending.isEmpty ? end : now
    for (_, connection) in peers { wake = min(wake, connection.deadline ?? wake) }
    for failure in failures.values where failure.retryAt > now { wake = min(wake, failure.retryAt) }
    if lacksConnection, nextOpening > now { wake = min(wake, nextOpening) }
    lacksConnection = false
    let count = poll(&watched, nfds_t(watched.count), (wake - now).pollMilliseconds)
    now = .now
    var events = pending
    pending = []
    for (index, (peer, connection)) in peers.enumerated() {
      do {
        events += try connection.advance(count > 0 ? watched[index].revents : 0, now: now)
        if !failures.isEmpty, connection.isReady { failures[peer] = nil }
      } catch {
        connections[peer] = nil
        events += connection.abandon(error)
        failed(peer, error)
      }
    }
    return events
  }

  func close() {
    let error = KafkaError(.destroyed, "the client was closed")
    for connection in connections.values { _ = connection.abandon(error) }
    connections = [:]
  }
}

extension Duration {
  /// Rounded up, so that a short wait stays one.
  var pollMilliseconds: Int32 {
    let (seconds, attoseconds) = components
    guard seconds < 1_000_000 else { return 1_000_000_000 }
    return Int32(max(0, seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
  }
}

package import ColdStorage
import Glibc
import LocalBroker
import Threads

/// What lies between a client and a broker: it can lose answers, stop, cut connections wherever it is told, and have batches refused. Give the broker
/// `advertised` as `advertised.listeners`, else its clients go past it.
package final class FaultyProxy: Sendable {
  package enum Mode: Sendable {
    case forward
    /// Requests arrive, answers don't.
    case loseAnswers
    /// Nothing moves.
    case hold
    /// As many bytes of requests go on, then every connection is cut.
    case cutAfter(Int)
  }

  private struct Link {
    var client: Int32
    var broker: Int32
    let refuser = CodecRefuser()
  }

  private struct State {
    var mode = Mode.forward
    var cuts = false
    var isClosed = false
    var connections = 0
    var refused: Set<BatchCodec> = []
    var refusals = 0
  }

  package let port: UInt16
  package var advertised: String { "PLAIN://127.0.0.1:\(port)" }
  private let state = Monitor(State())

  package init() throws { port = try LoopbackPort.free() }

  /// Begins to listen.
  package func start(to broker: UInt16) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var on: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard withLoopback(port, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
      close(listener)
      throw Broker.Missing(description: "no proxy on port \(port): errno \(errno)")
    }
    try NamedThread.start("proxy") { [self] in run(listener, broker) }
  }

  package func set(_ mode: Mode) { state.change { $0.mode = mode } }

  /// Every connection ends, without a word.
  package func cut() { state.change { $0.cuts = true } }

  /// How many connections there have been.
  package var connections: Int { state.read { $0.connections } }

  /// From now on the broker takes no batches of these.
  package func refuse(_ codecs: Set<BatchCodec>) { state.change { ($0.refused, $0.refusals) = (codecs, 0) } }

  /// Batches refused since `refuse`.
  package var refusals: Int { state.read { $0.refusals } }

  package func stop() { state.change { $0.isClosed = true } }

  private func run(_ listener: Int32, _ broker: UInt16) {
    var links: [Link] = []
    defer {
      close(listener)
      for link in links { Self.end(link) }
    }
    while true {
      let (mode, cuts, isClosed) = state.change { state in
        defer { state.cuts = false }
        return (state.mode, state.cuts, state.isClosed)
      }
      if isClosed { return }
      if cuts {
        links.forEach(Self.end)
        links = []
      }
      var watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
      if case .hold = mode {
      } else {
        for link in links {
          watched.append(pollfd(fd: link.client, events: Int16(POLLIN), revents: 0))
          watched.append(pollfd(fd: link.broker, events: Int16(POLLIN), revents: 0))
        }
      }
      poll(&watched, nfds_t(watched.count), 5)
      for (index, link) in links.enumerated().reversed() where watched.count > 2 * index + 2 {
        let fromClient = watched[2 * index + 1].revents != 0
        let fromBroker = watched[2 * index + 2].revents != 0
        guard fromClient || fromBroker else { continue }
        if !pass(link, fromClient, fromBroker, mode) {
          Self.end(link)
          links.remove(at: index)
        }
      }
      if watched[0].revents != 0, let link = accept(listener, broker) { links.append(link) }
    }
  }

  private func accept(_ listener: Int32, _ broker: UInt16) -> Link? {
    let client = Glibc.accept(listener, nil, nil)
    guard client >= 0 else { return nil }
    state.change { $0.connections += 1 }
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard withLoopback(broker, { connect(server, $0, $1) }) == 0 else {
      close(client)
      close(server)
      return nil
    }
    return Link(client: client, broker: server)
  }

  /// False when the link is to end.
  private func pass(_ link: Link, _ fromClient: Bool, _ fromBroker: Bool, _ mode: Mode) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    if fromClient {
      let count = recv(link.client, &buffer, buffer.count, 0)
      guard count > 0 else { return false }
      var allowed = count
      if case .cutAfter(let left) = mode {
        allowed = min(left, count)
        let rest = left - allowed
        state.change { state in
          guard case .cutAfter = state.mode else { return }
          state.mode = rest > 0 ? .cutAfter(rest) : .forward
          state.cuts = rest == 0
        }
      }
      let requests = link.refuser.requests(buffer[..<allowed], refusing: state.read { $0.refused })
      guard Self.sendAll(link.broker, requests[...]) else { return false }
    }
    if fromBroker {
      let count = recv(link.broker, &buffer, buffer.count, 0)
      guard count > 0 else { return false }
      if case .loseAnswers = mode { return true }
      let (answers, refusals) = link.refuser.answers(buffer[..<count])
      if refusals > 0 { state.change { $0.refusals += refusals } }
      guard Self.sendAll(link.client, answers[...]) else { return false }
    }
    return true
  }

  private static func sendAll(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func end(_ link: Link) {
    close(link.client)
    close(link.broker)
  }
}

private func withLoopback<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}

import Glibc
import Kafka
import LocalBroker
import Threads

@testable import KafkaProtocol

/// Listeners on loopback that answer as brokers do, in the oldest versions that the client speaks, and come to a standstill at a given request: no real
/// broker does that on demand. Transactions and batches are accepted, and kept nowhere.
final class FakeCluster: Sendable {
  struct NoPort: Error {}

  struct State {
    /// Who leads every partition and coordinates transactions.
    var inCharge: Int32 = 1
    var groupCoordinator: Int32 = 1
    /// Nodes that read no more requests; their connections stay.
    var frozen: Set<Int32> = []
    /// The node freezes when this is asked of it.
    var freezesAt: [Int32: API] = [:]
    /// Milliseconds of silence that answers to batches ask for.
    var throttle: Int32 = 0
    /// Nodes that are gone, as the others know.
    var dead: Set<Int32> = []
    var asked: [(node: Int32, api: API, at: ContinuousClock.Instant)] = []
    /// Descriptors by node, open for as long as they stand here: whoever shuts one down holds the lock, since its number may be another's once it is closed.
    var clients: [Int32: [Int32]] = [:]
    var listeners: [Int32: Int32] = [:]
    var isClosed = false
    /// Of these only versions are spoken that the client doesn't speak any more.
    var outdated: Set<API> = []
  }

  static let topic = "t"
  let ports: [UInt16]
  private let state = Monitor(State())

  init(_ count: Int = 2) throws {
    ports = try (0..<count).map { _ in try LoopbackPort.free() }
    for (index, port) in ports.enumerated() {
      let listener = try Self.listen(on: port)
      let node = Int32(index + 1)
      state.change { $0.listeners[node] = listener }
      try NamedThread.start("fake-\(node)") { [self] in
        while true {
          let client = accept(listener, nil, nil)
          guard client >= 0 else { break }
          let started: Void? = try? NamedThread.start("fake-\(node)-client") { [self] in serve(client, node) }
          if started == nil { close(client) }
        }
        state.change { state in
          state.listeners[node] = nil
          close(listener)
        }
      }
    }
  }

  var configuration: KafkaConfiguration { configuration(bootstrap: ports) }

  /// Whoever only waits for the answer of a frozen node waits too long.
  func configuration(bootstrap: [UInt16]) -> KafkaConfiguration {
    KafkaConfiguration(
      bootstrapServers: bootstrap.map { "127.0.0.1:\($0)" }.joined(separator: ","),
      properties: ["socket.timeout.ms": "120000"])
  }

  func change(_ body: (inout State) -> Void) { state.change { body(&$0) } }

  /// Its connections end, and nobody listens there any more.
  func kill(_ node: Int32) {
    state.change { state in
      state.dead.insert(node)
      for descriptor in (state.clients[node] ?? []) + [state.listeners[node]].compactMap({ $0 }) {
        shutdown(descriptor, Int32(SHUT_RDWR))
      }
    }
  }

  func asked(_ api: API) -> [Int32] { state.read { $0.asked.filter { $0.api == api }.map(\.node) } }

  /// What was asked, by whichever node.
  var sequence: [API] { state.read { $0.asked.map(\.api) } }

  func times(of api: API) -> [ContinuousClock.Instant] { state.read { $0.asked.filter { $0.api == api }.map(\.at) } }

  /// Everything ends, with the connections.
  func stop() {
    state.change { state in
      state.isClosed = true
      for descriptor in state.clients.values.flatMap({ $0 }) + state.listeners.values {
        shutdown(descriptor, Int32(SHUT_RDWR))
      }
    }
  }

  private func serve(_ client: Int32, _ node: Int32) {
    state.change { $0.clients[node, default: []].append(client) }
    defer {
      state.change { state in
        state.clients[node]?.removeAll { $0 == client }
        close(client)
      }
    }
    while let request = read(client) {
      var reader = WireReader(request, isFlexible: false)
      guard let key = try? reader.number(Int16.self), let version = try? reader.number(Int16.self),
        let correlation = try? reader.number(Int32.self), let api = API(rawValue: key)
      else { return }
      let answers = state.change { state in
        state.asked.append((node, api, .now))
        if state.freezesAt[node] == api { state.frozen.insert(node) }
        return !state.isClosed
      }
      // Standing still: nothing more is read, and nothing answered.
      let goes = state.wait { $0.isClosed || $0.dead.contains(node) ? false : $0.frozen.contains(node) ? nil : true }
      guard answers, goes == true else { return }
      let now = state.read { $0 }
      var writer = WireWriter(isFlexible: false)
      writer.write(correlation)
      if api.hasFlexibleAnswerHeader(version) { writer.write(UInt8(0)) }
      answer(api, version, request, now, &writer)
      let frame = withUnsafeBytes(of: Int32(writer.bytes.count).bigEndian, Array.init) + writer.bytes
      guard send(client, frame, frame.count, Int32(MSG_NOSIGNAL)) == frame.count else { return }
    }
  }

  private func read(_ client: Int32) -> [UInt8]? {
    var head = [UInt8](repeating: 0, count: 4)
    guard recv(client, &head, 4, Int32(MSG_WAITALL)) == 4 else { return nil }
    let length = head.reduce(0) { $0 << 8 | Int($1) }
    guard length > 0, length < 10 << 20 else { return nil }
    var body = [UInt8](repeating: 0, count: length)
    guard recv(client, &body, length, Int32(MSG_WAITALL)) == length else { return nil }
    return body
  }

  private static func listen(on port: UInt16) throws -> Int32 {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0, Glibc.listen(listener, 64) == 0 else {
      close(listener)
      throw NoPort()
    }
    return listener
  }
}

// What it answers.
extension FakeCluster {
  private func answer(_ api: API, _ version: Int16, _ request: [UInt8], _ state: State, _ writer: inout WireWriter) {
    switch api {
    case .apiVersions: versions(asked: version, state.outdated, &writer)
    case .metadata: metadata(state, &writer)
    case .findCoordinator:
      writer.write(Int32(0))
      writer.write(Int16(0))
      writer.writeNullable(nil)
      broker(request.last == 0 ? state.groupCoordinator : state.inCharge, &writer)
    case .initProducerID:
      writer.write(Int32(0))
      writer.write(Int16(0))
      writer.write(Int64(7))
      writer.write(Int16(0))
      writer.write(UInt8(0))
    case .endTransaction, .addOffsetsToTransaction:
      writer.write(Int32(0))
      writer.write(Int16(0))
    case .addPartitionsToTransaction, .transactionOffsetCommit:
      writer.write(Int32(0))
      partition(&writer) { $0.write(Int16(0)) }
    case .listOffsets:
      writer.write(Int32(0))
      partition(&writer) {
        $0.write(Int16(0))
        $0.write(Int64(-1))
        $0.write(Int64(5))
      }
    case .produce:
      partition(&writer) {
        $0.write(Int16(0))
        for _ in 0..<3 { $0.write(Int64(0)) }
      }
      writer.write(state.throttle)
    case .offsetFetch: break
    }
  }

  /// Of each API the oldest version that the client speaks.
  private func versions(asked version: Int16, _ outdated: Set<API>, _ writer: inout WireWriter) {
    writer.write(Int16(version == 0 ? 0 : 35))
    writer.write(API.allCases) { writer, api in
      writer.write(api.rawValue)
      let newest = api.versions.lowerBound - (outdated.contains(api) ? 1 : 0)
      writer.write(min(newest, api.versions.lowerBound))
      writer.write(newest)
    }
  }

  private func metadata(_ state: State, _ writer: inout WireWriter) {
    writer.write(Int32(0))
    writer.write((1...Int32(ports.count)).filter { !state.dead.contains($0) }) { writer, node in
      broker(node, &writer)
      writer.writeNullable(nil)
    }
    writer.write("cluster")
    writer.write(Int32(1))
    writer.write([Self.topic]) { writer, topic in
      writer.write(Int16(0))
      writer.write(topic)
      writer.write(false)
      writer.write([Int32(0)]) { writer, partition in
        writer.write(Int16(0))
        writer.write(partition)
        writer.write(state.inCharge)
        writer.write(Int32(0))
        for _ in 0..<3 { writer.write([Int32]()) { $0.write($1) } }
      }
    }
  }

  private func broker(_ node: Int32, _ writer: inout WireWriter) {
    writer.write(node)
    writer.write("127.0.0.1")
    writer.write(Int32(ports[Int(node) - 1]))
  }

  private func partition(_ writer: inout WireWriter, _ body: (inout WireWriter) -> Void) {
    writer.write([Self.topic]) { writer, topic in
      writer.write(topic)
      writer.write([Int32(0)]) { writer, partition in
        writer.write(partition)
        body(&writer)
      }
    }
  }
}

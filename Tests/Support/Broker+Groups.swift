import Glibc
package import LocalBroker
import Testing

// Asked over a socket, of a broker that has no other nodes and so coordinates every group and decides everything. Not through librdkafka: when a request about
// groups is answered too late, or the coordinator moves meanwhile, an assertion ends the process (its issues 4605 and 3663).
extension Broker {
  /// Makes a topic have so many partitions.
  package func growTopic(_ topic: String, to partitions: Int32) throws {
    // Protocol page, "CreatePartitions", version 0: topics with counts and no assignments, time-out, whether only to validate; the answer has a throttle time,
    // then of each topic name, error and message.
    let request = bigEndian(Int32(1)) + text(topic) + bigEndian(partitions) + bigEndian(Int32(-1))
    try ask(37, version: 0, request + bigEndian(Int32(20_000)) + [0], errorAt: 14 + topic.utf8.count)
  }

  /// Deletes a group that has no members, and with it its positions: what a broker does by itself after `offsets.retention.minutes`.
  package func deleteGroup(_ group: String) throws {
    // Protocol page, "DeleteGroups", version 0: the groups; the answer ends with the error of the one group.
    try ask(42, version: 0, bigEndian(Int32(1)) + text(group))
  }

  /// Puts a static member out of its group, as an administrator would; it hears of it with its next heartbeat.
  package func removeMember(_ instance: String, from group: String) throws {
    // Protocol page, "LeaveGroup", version 3: member and instance ids; the answer ends with the error of the one member.
    try ask(13, version: 3, text(group) + bigEndian(Int32(1)) + text("") + text(instance))
  }

  /// Deletes what stands before `offset`, as retention does in its time.
  package func deleteRecords(of topic: String, _ partition: Int32 = 0, before offset: Int64) throws {
    // Protocol page, "DeleteRecords", version 0: topics with their partitions, and a time-out; the answer ends with the error of the one partition.
    let place = bigEndian(Int32(1)) + bigEndian(partition) + bigEndian(offset)
    try ask(21, version: 0, bigEndian(Int32(1)) + text(topic) + place + bigEndian(Int32(20_000)))
  }

  /// Whether a node itself knows a topic.
  package func knows(_ topic: String, at node: BrokerNode) throws -> Bool {
    // Protocol page, "Metadata", version 0: the names asked for; the answer ends with the topics, each an error, its name and its partitions.
    let named = text(topic)
    let reply = try exchange(header(3, version: 0) + bigEndian(Int32(1)) + named, with: node)
    let place = try #require(reply.indices.first { reply[$0...].starts(with: named) }, "an answer about \(topic)")
    return reply[(place - 2)..<place].allSatisfy { $0 == 0 }
  }

  /// - Parameter errorAt: where in the answer, behind its length, the error stands; nil: at its end.
  @discardableResult
  func ask(_ key: Int16, version: Int16, _ body: [UInt8], errorAt place: Int? = nil) throws -> [UInt8] {
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      let reply = try exchange(header(key, version: version) + body, with: node)
      let code = reply.dropFirst(place ?? reply.count - 2).prefix(2).reduce(Int16(0)) { $0 << 8 | Int16($1) }
      if code == 0 { return reply }
      // 14, 15, 16: the coordinator is loading, or not there yet.
      guard (14...16).contains(code), ContinuousClock.now < deadline else {
        throw Missing(description: "the broker refuses request \(key): error \(code)")
      }
      usleep(50_000)
    }
  }

  private func header(_ key: Int16, version: Int16) -> [UInt8] {
    bigEndian(key) + bigEndian(version) + bigEndian(Int32(1)) + bigEndian(Int16(-1))
  }

  private func exchange(_ request: [UInt8], with node: BrokerNode) throws -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var wait = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(node.port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Missing(description: "no connection to the broker: \(errno)") }
    let framed = bigEndian(Int32(request.count)) + request
    guard Glibc.send(descriptor, framed, framed.count, Int32(MSG_NOSIGNAL)) == framed.count else {
      throw Missing(description: "the broker takes no request: \(errno)")
    }
    return try receive(try receive(4, from: descriptor).reduce(0) { $0 << 8 | Int($1) }, from: descriptor)
  }

  private func receive(_ count: Int, from descriptor: Int32) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count else {
      throw Missing(description: "the broker does not answer: \(errno)")
    }
    return bytes
  }

  func text(_ text: String) -> [UInt8] { bigEndian(Int16(text.utf8.count)) + Array(text.utf8) }

  func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian, Array.init)
  }
}

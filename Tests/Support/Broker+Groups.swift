import Glibc
import LocalBroker

extension Broker {
  /// Deletes a group that has no members, and with it its positions: what a broker does by itself after `offsets.retention.minutes`.
  ///
  /// Asked over a socket of its own (protocol page, "DeleteGroups", version 0), of a broker that has no other nodes and so coordinates every
  /// group. Not through librdkafka: when its request to a coordinator is answered too late, or the coordinator moves meanwhile, an assertion ends the process
  /// (its issues 4605 and 3663).
  package func deleteGroup(_ group: String) throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      let code = try deleteOnce(group)
      if code == 0 { return }
      // 14, 15, 16: the coordinator is loading, or not there yet.
      guard (14...16).contains(code), ContinuousClock.now < deadline else {
        throw Missing(description: "the broker refuses to delete the group \(group): error \(code)")
      }
      usleep(50_000)
    }
  }

  /// The broker's error code for the group.
  private func deleteOnce(_ group: String) throws -> Int16 {
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
    let name = Array(group.utf8)
    let body: [UInt8] =
      [0, 42, 0, 0, 0, 0, 0, 1, 0xff, 0xff] + bigEndian(Int32(1)) + bigEndian(Int16(name.count)) + name
    let request = bigEndian(Int32(body.count)) + body
    guard Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw Missing(description: "the broker takes no request: \(errno)")
    }
    let size = try receive(4, from: descriptor).reduce(0) { $0 << 8 | Int($1) }
    // Correlation id, throttle time, and of the one group its name and its error.
    let reply = try receive(size, from: descriptor).suffix(2)
    return reply.reduce(Int16(0)) { $0 << 8 | Int16($1) }
  }

  private func receive(_ count: Int, from descriptor: Int32) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count else {
      throw Missing(description: "the broker does not answer: \(errno)")
    }
    return bytes
  }

  private func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian, Array.init)
  }
}

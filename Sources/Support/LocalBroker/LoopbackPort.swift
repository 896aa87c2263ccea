import Glibc
import Threads

/// Ports of 127.0.0.1.
package enum LoopbackPort {
  package struct NoneFree: Error, CustomStringConvertible {
    package var description: String { "no free port between 20000 and 32000 on 127.0.0.1" }
  }

  /// A port that nobody listens on now. Below the ephemeral range, so that no outgoing connection takes it before its user does.
  package static func free() throws(NoneFree) -> UInt16 {
    for _ in 0..<500 {
      let port = UInt16.random(in: 20_000..<32_000)
      if isFree(port), given.withLock({ $0.insert(port).inserted }) { return port }
    }
    throw NoneFree()
  }

  /// Nobody listens on a port yet that was given a moment ago, nor on that of a broker which is to be started again.
  private static let given = Locked<Set<UInt16>>([])

  /// As many different ones.
  static func free(_ count: Int) throws(NoneFree) -> [UInt16] {
    var ports: [UInt16] = []
    while ports.count < count {
      let port = try free()
      if !ports.contains(port) { ports.append(port) }
    }
    return ports
  }

  private static func isFree(_ port: UInt16) -> Bool {
    withSocket { descriptor in
      withAddress(port) { bind(descriptor, $0, $1) } == 0 && listen(descriptor, 1) == 0
    } ?? false
  }

  /// Whether a Kafka broker answers there: it is sent an ApiVersions request (protocol page, "ApiVersions", version 0) and must reply
  /// within a second.
  static func answersKafka(_ port: UInt16) -> Bool {
    withSocket { descriptor in
      var wait = timeval(tv_sec: 1, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
      guard withAddress(port, { connect(descriptor, $0, $1) }) == 0 else { return false }
      let request: [UInt8] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]
      guard Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
      var reply = [UInt8](repeating: 0, count: 8)
      return recv(descriptor, &reply, reply.count, Int32(MSG_WAITALL)) == reply.count && reply[7] == 1
    } ?? false
  }

  private static func withSocket<Result>(_ body: (Int32) -> Result) -> Result? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return body(descriptor)
  }

  private static func withAddress<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result)
    -> Result
  {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}

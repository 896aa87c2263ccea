import Glibc
import Kafka

/// An address to connect to: a name may have several, of both families.
struct SocketAddress {
  let family: Int32
  private let storage: sockaddr_storage
  private let length: socklen_t

  /// The name's addresses in the order in which to try them (RFC 6724, as `getaddrinfo` sorts them). It blocks while a name server is asked.
  static func resolve(_ address: BrokerAddress) throws(KafkaError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(address.host, "\(address.port)", &hints, &list)
    guard code == 0 else {
      throw KafkaError(
        .resolve, "the broker's host \(address.host) is not found: \(String(cString: gai_strerror(code)))",
        isRetriable: true)
    }
    defer { freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var next = list
    while let info = next?.pointee {
      if let address = SocketAddress(info) { found.append(address) }
      next = info.ai_next
    }
    return found
  }

  private init?(_ info: addrinfo) {
    guard let address = info.ai_addr, Int(info.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else { return nil }
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
    }
    (self.storage, length, family) = (storage, info.ai_addrlen, info.ai_family)
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}

import Glibc

/// Files over a loopback connection into a new file, as fast as two threads that do nothing else: what a replay can't be faster than.
enum SocketCopy {
  private static let piece = 1 << 20

  /// Returns how many bytes arrived. The copy is deleted afterwards.
  static func run(_ files: [String], to copy: String) throws -> Int {
    let listener = try Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = try withUnsafeMutablePointer(to: &address) { address in
      try address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(listener.number, address, size) == 0, listen(listener.number, 1) == 0,
          getsockname(listener.number, address, &size) == 0
        else { throw Wrong("no listener: \(String(cString: strerror(errno)))") }
      }
      return address.pointee
    }
    let results = try Together.run(2, "copy") { number -> Int in
      if number == 0 { return try receive(listener, copy) }
      try send(files, to: port)
      return 0
    }
    unlink(copy)
    return try results.reduce(0) { try $0 + $1.get() }
  }

  private static func send(_ files: [String], to port: sockaddr_in) throws {
    let connection = try Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
    var address = port
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Wrong("no connection: \(String(cString: strerror(errno)))") }
    var buffer = [UInt8](repeating: 0, count: piece)
    for file in files {
      let source = try Descriptor(open(file, O_RDONLY | O_CLOEXEC))
      while case let count = read(source.number, &buffer, piece), count != 0 {
        guard count > 0 else { throw Wrong("\(file): \(String(cString: strerror(errno)))") }
        var sent = 0
        while sent < count {
          let part = buffer.withUnsafeBytes { bytes in
            Glibc.send(connection.number, bytes.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL))
          }
          guard part > 0 else { throw Wrong("send: \(String(cString: strerror(errno)))") }
          sent += part
        }
      }
    }
  }

  private static func receive(_ listener: Descriptor, _ copy: String) throws -> Int {
    let connection = try Descriptor(accept(listener.number, nil, nil))
    let target = try Descriptor(open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644))
    var buffer = [UInt8](repeating: 0, count: piece)
    var total = 0
    while case let count = recv(connection.number, &buffer, piece, 0), count != 0 {
      guard count > 0, write(target.number, buffer, count) == count else {
        throw Wrong("\(copy): \(String(cString: strerror(errno)))")
      }
      total += count
    }
    return total
  }
}

/// Closed when nobody has it any more.
private final class Descriptor: Sendable {
  let number: Int32

  init(_ number: Int32) throws {
    guard number >= 0 else { throw Wrong(String(cString: strerror(errno))) }
    self.number = number
  }

  deinit { close(number) }
}

import Glibc

/// Whole files, and standard input as `-`.
enum FileText {
  /// Longer files are no documents.
  private static let limit = 64 << 20

  static func read(_ path: String) throws(ShellFailure) -> [UInt8] {
    guard path != "-" else { return try readAll(STDIN_FILENO, "standard input") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    return try readAll(descriptor, path)
  }

  private static func readAll(_ descriptor: Int32, _ name: String) throws(ShellFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(name)
      }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw ShellFailure(.usage, "\(name): longer than 64 MB") }
    }
  }

  private static func failure(_ name: String) -> ShellFailure {
    ShellFailure(.usage, "\(name): \(String(cString: strerror(errno)))")
  }
}

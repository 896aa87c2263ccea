import ControlPlane
import Glibc

/// The right to use an instance name on this machine: an advisory lock on a file, which the kernel gives back whatever becomes of the
/// process. A static group member with the same name in two processes would push one another out for ever.
struct InstanceLock: ~Copyable {
  let name: String
  private let descriptor: Int32

  private init(name: String, descriptor: Int32) {
    self.name = name
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The lowest free `<host>-<n>`.
  static func lowest(clusterID: String, prefix: String) throws(ControlLogFailure) -> InstanceLock {
    let directory = environment("XDG_RUNTIME_DIR") ?? "/tmp"
    for number in 0..<1000 {
      let path = "\(directory)/thaw-\(fileName(clusterID))-\(fileName(prefix))\(number).lock"
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else {
        // Another user's file: that number is not ours to have.
        if errno == EACCES || errno == EPERM { continue }
        throw ControlLogFailure("\(path) can't be opened (\(text(errno))); name this replica with --instance")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        return InstanceLock(name: "\(hostName())-\(number)", descriptor: descriptor)
      }
      close(descriptor)
    }
    throw ControlLogFailure("no free instance name in \(directory); name this replica with --instance")
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  private static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func text(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

  private static func fileName(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
  }
}

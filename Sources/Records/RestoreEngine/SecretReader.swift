import Glibc
import Logging
import RestoreModel

/// Reads secrets at the moment of use. Errors name the reference and never a value.
struct SecretReader {
  let policy: EnginePolicy

  private static let largest = 1 << 20

  /// - Parameter what: what it is for, such as `sasl.passwordFrom`.
  func read(_ reference: SecretReference, for what: String) throws(RunFault) -> Secret<String> {
    switch reference {
    case .environment(let name): try environment(name, what)
    case .file(let path): try file(path, what)
    }
  }

  private func environment(_ name: String, _ what: String) throws(RunFault) -> Secret<String> {
    guard let prefix = policy.environmentPrefix, name.hasPrefix(prefix) else {
      throw Self.fault(what, "the environment variable \(name) does not begin with the prefix configured for secrets")
    }
    guard let value = getenv(name) else { throw Self.fault(what, "the environment variable \(name) is not set") }
    return Secret(String(cString: value))
  }

  private func file(_ path: String, _ what: String) throws(RunFault) -> Secret<String> {
    let bytes = try self.bytes(ofFile: path, for: what)
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw Self.fault(what, "the file \(path) is not UTF-8 text")
    }
    while text.last?.isNewline == true { text.removeLast() }
    return Secret(text)
  }

  func bytes(ofFile path: String, for what: String) throws(RunFault) -> [UInt8] {
    let resolved: RootedPath
    do { resolved = try RootedPath(path, under: policy.secretRoots) } catch {
      switch error {
      case .outside: throw Self.fault(what, "the file \(path) is not under a directory configured for secrets")
      case .unreachable(let code): throw Self.fault(what, "the file \(path) can't be read (errno \(code))")
      }
    }
    let file = open(resolved.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw Self.fault(what, "the file \(path) can't be read (errno \(errno))") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      guard count >= 0 else {
        if errno == EINTR { continue }
        throw Self.fault(what, "the file \(path) can't be read (errno \(errno))")
      }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
      guard bytes.count <= Self.largest else { throw Self.fault(what, "the file \(path) is larger than 1 MiB") }
    }
  }

  private static func fault(_ what: String, _ problem: String) -> RunFault {
    RunFault(reason: "SecretUnavailable", message: "\(what): \(problem)")
  }
}

import Glibc
import RestoreModel

/// A path that lies under one of the roots which the operator configured, symbolic links resolved.
struct RootedPath {
  enum Refusal: Error {
    /// Nothing is there, or it can't be reached now: `errno`.
    case unreachable(Int32)
    case outside
  }

  let text: String

  init(_ path: String, under roots: [String]) throws(Refusal) {
    guard path.utf8.first == UInt8(ascii: "/"), !path.utf8.contains(0) else { throw .outside }
    // Said before anything is looked up: what exists elsewhere is nobody's business.
    guard roots.contains(where: { Self.lies(Self.tidied(path), under: Self.tidied($0)) }) else { throw .outside }
    let resolved = try Self.resolve(path)
    let isInside = roots.contains { root in
      (try? Self.resolve(root)).map { Self.lies(resolved, under: $0) } ?? false
    }
    guard isInside else { throw .outside }
    text = resolved
  }

  private static func resolve(_ path: String) throws(Refusal) -> String {
    guard let resolved = realpath(path, nil) else { throw .unreachable(errno) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func lies(_ path: String, under root: String) -> Bool {
    path == root || path.utf8.starts(with: (root == "/" ? root : root + "/").utf8)
  }

  /// Without `.` and `..`, as text; symbolic links are for `resolve`.
  private static func tidied(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }
}

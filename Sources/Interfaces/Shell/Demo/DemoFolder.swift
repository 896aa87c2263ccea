import Glibc

/// The demo's own directory: archive, documents, logs, the broker's data. It goes with the demo.
struct DemoFolder: Sendable {
  let path: String

  init(in parent: String) throws(ShellFailure) {
    var template = Array("\(parent)/thaw-demo-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw ShellFailure(.refused, "\(parent): no directory can be made there: \(String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws(ShellFailure) -> String {
    let path = file(name)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw ShellFailure(.refused, "\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    Descriptor.write(text, to: descriptor)
    return path
  }

  /// What a file holds; empty when there is none.
  func text(_ name: String) -> String {
    guard let bytes = try? FileText.read(file(name)) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A broker that was just ended may still be writing, so this is tried a few times.
  func remove() {
    for _ in 0..<50 {
      if FileTree.remove(path) { return }
      usleep(20_000)
    }
  }
}

enum FileTree {
  /// True when nothing is left.
  static func remove(_ path: String) -> Bool {
    for entry in entries(path) {
      let inner = "\(path)/\(entry.name)"
      if entry.isFolder { _ = remove(inner) } else { unlink(inner) }
    }
    return rmdir(path) == 0 || errno == ENOENT
  }

  static func entries(_ path: String) -> [(name: String, isFolder: Bool)] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var found: [(name: String, isFolder: Bool)] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name != ".", name != ".." else { continue }
      found.append((name, entry.pointee.d_type == UInt8(DT_DIR)))
    }
    return found
  }

  static func makeFolders(_ path: String) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      mkdir(made, 0o755)
    }
  }
}

import Glibc

/// Directories that go when the test process ends.
package enum TemporaryDirectory {
  package struct NotMade: Error {
    package let errno: Int32
  }

  package static func make(_ purpose: String = "test") throws -> String {
    let parent = Environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(parent)/thaw-\(purpose)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw NotMade(errno: errno) }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    AtExit.run { remove(path) }
    return path
  }

  /// Deletes a directory with all that is in it. A broker just killed may still be writing: tried again for a moment.
  package static func remove(_ path: String) {
    for _ in 0..<200 {
      if removeTree(path) { return }
      usleep(10_000)
    }
  }

  private static func removeTree(_ path: String) -> Bool {
    if let folder = opendir(path) {
      defer { closedir(folder) }
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name != ".", name != ".." else { continue }
        let inner = "\(path)/\(name)"
        if entry.pointee.d_type == UInt8(DT_DIR) { _ = removeTree(inner) } else { unlink(inner) }
      }
    }
    return rmdir(path) == 0 || errno == ENOENT
  }
}

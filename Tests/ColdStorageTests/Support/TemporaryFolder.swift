import Glibc

/// A directory of its own, gone with its last reference.
final class TemporaryFolder {
  let path: String

  init() throws {
    // In memory where that can be: these tests make thousands of files durable, and none of them has to last. `Tests/run` says where, and
    // looks afterwards whether anything stayed.
    let parents = [getenv("THAW_TEST_MEMORY").map { String(cString: $0) }, "/dev/shm"].compactMap { $0 }
    let parent = parents.first { access($0, W_OK) == 0 } ?? "/tmp"
    var template = Array("\(parent)/thaw-cold-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name == "." || name == ".." { continue }
        // Links to folders are removed, not followed.
        if unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
      }
      closedir(stream)
    }
    rmdir(path)
  }

  struct Failure: Error { let code: Int32 }

  /// Past the store, as accidents come.
  func overwrite(_ file: String, _ bytes: [UInt8]) throws {
    guard let stream = fopen("\(path)/\(file)", "wb") else { throw Failure(code: errno) }
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
  }

  func bytes(_ file: String) throws -> [UInt8] {
    guard let stream = fopen("\(path)/\(file)", "rb") else { throw Failure(code: errno) }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, stream)
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  func exists(_ file: String) -> Bool { access("\(path)/\(file)", F_OK) == 0 }
}

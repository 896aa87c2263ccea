import Glibc

/// Whole files, and standard input as `-`.
enum FileText {
  /// Longer files are no documents.
  private static let limit = 64 << 20

  /// The paths, and in place of each directory the documents in it: `.yaml`, `.yml` and `.json`, in the order of their names' bytes, without
  /// its own directories.
  static func expanded(_ paths: [String]) throws(ShellFailure) -> [String] {
    var files: [String] = []
    for path in paths {
      guard path != "-", isDirectory(path) else {
        files.append(path)
        continue
      }
      let names = try names(in: path).filter { name in
        [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) } && !isDirectory("\(path)/\(name)")
      }
      guard !names.isEmpty else { throw ShellFailure(.usage, "\(path): holds no .yaml, .yml or .json") }
      files += names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map {
        path.hasSuffix("/") ? path + $0 : "\(path)/\($0)"
      }
    }
    return files
  }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func names(in directory: String) throws(ShellFailure) -> [String] {
    guard let handle = opendir(directory) else { throw failure(directory) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }

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

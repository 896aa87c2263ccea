import Glibc
import Testing

/// The package on disk.
enum SourceTree {
  /// The folder of `Package.swift`.
  static let root: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  static func read(_ path: String) throws -> String {
    let file = try #require(fopen("\(root)/\(path)", "r"), "\(path) can't be opened")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Paths of all files below `folder`, from the root.
  static func files(below folder: String) throws -> [String] {
    let directory = try #require(opendir("\(root)/\(folder)"), "\(folder) can't be opened")
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard !name.hasPrefix(".") else { continue }
      let path = "\(folder)/\(name)"
      if entry.pointee.d_type == UInt8(DT_DIR) { found += try files(below: path) } else { found.append(path) }
    }
    return found.sorted()
  }

  /// The module that a file belongs to: `Sources/Wing/Module/…`, or `Sources/thaw/…`.
  static func module(of path: String) -> String? {
    let parts = path.split(separator: "/").map(String.init)
    guard parts.count >= 3 else { return nil }
    return parts[1] == "thaw" ? "thaw" : parts.count >= 4 ? parts[2] : nil
  }
}

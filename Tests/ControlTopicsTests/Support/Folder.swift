import Glibc
import Testing

/// Files beside the sources, for what must equal them.
struct Folder {
  let path: String

  /// `topics/` of the project.
  static let topics = Folder(path: above(#filePath, 4) + "/topics")
  static let seed = Folder(path: above(#filePath, 2) + "/Fixtures/seed")

  private static func above(_ path: String, _ levels: Int) -> String {
    path.split(separator: "/").dropLast(levels).reduce("") { "\($0)/\($1)" }
  }

  /// Names of its files, sorted.
  func names() throws -> [String] {
    let folder = try #require(opendir(path))
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  func bytes(_ name: String) throws -> [UInt8] {
    let file = try #require(fopen("\(path)/\(name)", "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }
}

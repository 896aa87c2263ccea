import FuzzTargets
import Glibc
import TestSupport
import Testing

/// What was found once is tried always.
@Suite("The corpus of the fuzzer") struct CorpusTests {
  private static let root = "\(Environment.packageRoot)/Tests/Fuzz/Corpus"

  @Test(
    "Every file of a target's corpus is read or refused, and what is read is written as the same",
    arguments: FuzzTarget.allCases)
  func corpus(target: FuzzTarget) throws {
    let files = try Self.names(in: "\(Self.root)/\(target.rawValue)")
    try #require(!files.isEmpty, "\(target.rawValue) has no corpus")
    for file in files {
      let bytes = try Self.read("\(Self.root)/\(target.rawValue)/\(file)")
      #expect(throws: Never.self, "\(target.rawValue)/\(file)") { try target.run(bytes) }
    }
  }

  @Test("Every corpus has its target") func targets() throws {
    #expect(Set(try Self.names(in: Self.root)) == Set(FuzzTarget.allCases.map(\.rawValue)))
  }

  private struct Unreadable: Error { let path: String }

  private static func names(in folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { throw Unreadable(path: folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }
}

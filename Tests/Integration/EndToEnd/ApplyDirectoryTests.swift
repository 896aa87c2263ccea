import Glibc
import LocalBroker
import TestSupport
import Testing

@Suite("Applying a directory of documents")
struct ApplyDirectoryTests {
  @Test(
    "2,000 documents are answered one by one, in the order of their files, and what one fails in is said of it alone",
    .broker())
  func many() async throws {
    let broker = try await Broker.require()
    let thaw = try await Installation(on: broker)
    let service = try thaw.serve()
    let directory = "\(thaw.folder)/documents"
    try #require(mkdir(directory, 0o755) == 0)
    let names = (0..<2000).map { number in "s" + String(10_000 + number) }
    let tooLarge = names[777]
    for name in names.reversed() {
      // More than a record of `commands` may hold.
      let extra = name == tooLarge ? ", annotations: {note: \(String(repeating: "x", count: 1_200_000))}" : ""
      try writeFile(
        "\(directory)/\(name).yaml",
        Array(
          "{apiVersion: kannika.io/v1alpha, kind: Storage, metadata: {name: \(name)\(extra)}, spec: {volume: {path: /cold}}}\n"
            .utf8))
    }
    try writeFile("\(directory)/README.txt", Array("no document".utf8))
    let applied = try await thaw.thaw("apply", "-f", directory, "--timeout", "60s", code: 1)
    let expected = names.filter { $0 != tooLarge }.map { "storages/default/\($0) applied" }
    #expect(applied.lines.count == expected.count)
    // Not the lists themselves: Testing would print 4,000 lines.
    let differing = zip(applied.lines, expected).first { $0 != $1 }
    #expect(differing == nil)
    #expect(applied.errors.hasPrefix("thaw: storages/default/\(tooLarge): "), "\(applied.errors)")
    #expect(applied.errors.split(separator: "\n").count == 1, "\(applied.errors)")
    let again = try await thaw.thaw(
      "apply", "-f", "\(directory)/\(names[0]).yaml", "-f", "\(directory)/\(names[1]).yaml")
    #expect(again.lines.allSatisfy { $0.contains("unchanged") } && again.lines.count == 2, "\(again.output)")
    service.send(15)
    #expect(await service.ended() == .exited(code: 0))
  }

  @Test("A directory without documents is said to be one") func empty() async throws {
    let directory = try TemporaryDirectory.make("empty")
    let ended = try await Program.thaw.run(["apply", "-f", directory, "--bootstrap-servers", "127.0.0.1:1"])
    #expect(ended.code == 2)
    #expect(ended.errors.contains(directory) && ended.errors.contains(".yaml"), "\(ended.errors)")
  }
}

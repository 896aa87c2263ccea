import JSON
import ControlTopics
import RestoreModel
import Shell
import TestSupport
import Testing

import Glibc

@Suite("Applying documents") struct ApplyTests {
  private func file(_ text: String, _ name: String = "documents.yaml") throws -> String {
    let path = try TemporaryDirectory.make("apply") + "/" + name
    try write(text, to: path)
    return path
  }

  private static let twoDocuments = """
    apiVersion: kannika.io/v1alpha
    kind: Storage
    metadata: {name: archive}
    spec: {volume: {path: /backups}}
    ---
    apiVersion: kannika.io/v1alpha
    kind: Restore
    metadata: {name: orders, namespace: prod}
    spec: {source: archive, sink: cluster}
    """

  @Test("Every document of a file is sent under its own key, the namespace filled in") func many() async throws {
    let client = FakeControlClient { .commandUnchanged(message: $0.key.name) }
    let result = await Session(client).run("apply", "-f", try file(Self.twoDocuments))
    #expect(result.code == .done)
    #expect(client.sent.map(\.key.description) == ["storages/default/archive", "restores/prod/orders"])
    #expect(result.out == "storages/default/archive unchanged: archive\nrestores/prod/orders unchanged: orders\n")
    guard case .apply(let resource) = client.sent[0].message.body else { throw Unexpected() }
    #expect(resource["metadata"]?["namespace"]?.string == "default")
  }

  @Test("Many documents go out together; what was refused is said after the others, each of its own document")
  func together() async throws {
    let client = FakeControlClient { sent in
      guard let number = Int(sent.key.name.dropFirst()) else { return nil }
      if number % 10 == 3 { return .commandRejected(Rejection(.conflict, "no \(number)")) }
      return number > 95 ? nil : .commandUnchanged(message: "\(number)")
    }
    let documents = (0..<100).map {
      "{apiVersion: kannika.io/v1alpha, kind: Storage, metadata: {name: s\($0)}, spec: {volume: {path: /a}}}"
    }
    let path = try file(documents.joined(separator: "\n---\n"))
    let result = await Session(client).run("apply", "-f", path)
    #expect(client.calls == 1)
    #expect(client.sent.map(\.key.name) == (0..<100).map { "s\($0)" })
    #expect(result.code == .refused)
    let good = (0..<96).filter { $0 % 10 != 3 }
    #expect(result.out == good.map { "storages/default/s\($0) unchanged: \($0)\n" }.joined())
    let said = result.error.split(separator: "\n").map(String.init)
    #expect(said.count == 12, "\(result.error)")
    #expect(said.prefix(10) == stride(from: 3, to: 96, by: 10).map { "thaw: storages/default/s\($0): no \($0)" }[...])
    #expect(said[10].hasPrefix("thaw: storages/default/s96: nobody decided"))
    #expect(said[11] == "thaw: 3 more of these commands are undecided")
  }

  private struct Unexpected: Error {}

  @Test("Nothing is sent when any document is wrong, and every error names its document and path") func wrong()
    async throws
  {
    let client = FakeControlClient()
    let text = """
      \(Self.twoDocuments)
      ---
      apiVersion: kannika.io/v1alpha
      kind: Restore
      metadata: {name: invoices}
      spec:
        source: archive
        sink: cluster
        config:
          topics:
            - {source: a, target: x}
            - {source: b, target: x}
          paralellism: 2
      """
    let result = await Session(client).run("apply", "-f", try file(text))
    #expect(result.code == .refused)
    #expect(client.sent.isEmpty)
    #expect(result.out == "")
    #expect(
      result.error.contains("thaw: restores/default/invoices: config.topics[1].target: "), "\(result.error)")
    #expect(result.error.contains("thaw: restores/default/invoices: config.paralellism: "), "\(result.error)")
    #expect(result.error.contains("did you mean \"parallelism\"?"), "\(result.error)")
  }

  @Test("A secret in the document is refused before anything is sent, and never shown") func secrets() async throws {
    let client = FakeControlClient()
    let text = """
      apiVersion: kannika.io/v1alpha
      kind: Credentials
      metadata: {name: login}
      spec: {sasl: {mechanism: PLAIN, username: me, password: hunter2}}
      """
    let result = await Session(client).run("apply", "-f", try file(text))
    #expect(result.code == .refused)
    #expect(client.sent.isEmpty)
    #expect(result.error.contains("credentials/default/login: "))
    #expect(!result.error.contains("hunter2"))
  }

  @Test("A document of another namespace than the flag's is refused") func namespaces() async throws {
    let client = FakeControlClient()
    let result = await Session(client).run("apply", "-n", "test", "-f", try file(Self.twoDocuments))
    #expect(result.code == .refused)
    #expect(result.error.contains("restores/prod/orders: metadata.namespace: "))
    #expect(client.sent.isEmpty)
  }

  @Test("Text that is no YAML names the place") func noYAML() async throws {
    let result = await Session().run("apply", "-f", try file("a: [1", "broken.yaml"))
    #expect(result.code == .refused)
    #expect(result.error.contains("broken.yaml: line "), "\(result.error)")
  }

  @Test("Options come from a file, and the command line wins over it") func configFile() async throws {
    let path = try file("topic-prefix: mine.\nnamespace: prod\nproperty: {client.id: me}\n", "config.yaml")
    let session = Session()
    #expect(
      await session.run("--config", path, "enable", "orders", "--no-wait").out
        == "restores/prod/orders asked at offset 0 of mine.commands\n")
    #expect(
      await session.run("--config", path, "-n", "test", "enable", "orders", "--no-wait").out
        == "restores/test/orders asked at offset 1 of mine.commands\n")
    #expect(await session.run("--config", try file("no-such-option: 1"), "enable", "orders").code == .usage)
  }
}

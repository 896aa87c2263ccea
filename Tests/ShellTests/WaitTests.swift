import RestoreModel
import Shell
import TestSupport
import Testing

@Suite("Waiting") struct WaitTests {
  @Test("It ends when the phase is there") func reached() async {
    let client = FakeControlClient(
      [Samples.restore(.restoring, progress: Samples.progress(5, of: 10))], then: [[Samples.restore(.done)]])
    let result = await Session(client).run("wait", "orders", "--for", "Done")
    #expect(result.code == .done)
    #expect(result.out == "restores/default/orders is ✅ Done\n")
    #expect(
      result.error == """
        orders 🚀 Restoring  50%  5 of 10 records
        orders ✅ Done

        """)
  }

  @Test("It ends at once, with 1, when that can no longer come", arguments: [Phase.failed, .invalid])
  func impossible(phase: Phase) async {
    let client = FakeControlClient([Samples.restore(phase)])
    let result = await Session(client).run("wait", "orders", "--for", "Done")
    #expect(result.code == .refused)
    #expect(result.error.contains("restores/default/orders: will not be ✅ Done: it "))
  }

  @Test("A failed run that is being restarted may still get there") func restarting() async {
    let client = FakeControlClient(
      [Samples.restore(.failed, stopping: .restarting)], then: [[Samples.restore(.done)]])
    #expect(await Session(client).run("wait", "orders").code == .done)
  }

  @Test("Verification is waited for beyond Done, and its refusal ends the wait") func verified() async {
    let pending = Samples.restore(.done, conditions: [Samples.condition(.verified, .unknown, "Pending")])
    let match = Samples.restore(.done, conditions: [Samples.condition(.verified, .true, "DigestsMatch")])
    let mismatch = Samples.restore(
      .done, conditions: [Samples.condition(.verified, .false, "Mismatch", "one record is missing")])
    let good = await Session(FakeControlClient([pending], then: [[match]]))
      .run("wait", "orders", "--for", "condition=Verified")
    #expect(good.code == .done)
    let bad = await Session(FakeControlClient([pending], then: [[mismatch]]))
      .run("wait", "orders", "--for", "condition=verified")
    #expect(bad.code == .refused)
    #expect(bad.error.contains("verification ended as Mismatch: one record is missing"))
  }

  @Test("A Restore that isn't there is not found, one that goes away ends the wait") func missing() async {
    #expect(await Session().run("wait", "orders").code == .notFound)
    let client = FakeControlClient([Samples.restore(.restoring)], then: [[]])
    let result = await Session(client).run("wait", "orders")
    #expect(result.code == .refused)
    #expect(result.error.contains("it was deleted"))
    let deletion = await Session(client).run("wait", "orders", "--for", "delete")
    #expect(deletion.code == .done)
  }

  @Test(
    "What can't be waited for is a usage error",
    arguments: ["Dnoe", "condition=Wrong", "condition=Verified=Maybe", "a=b=c"])
  func usage(goal: String) async { #expect(await Session().run("wait", "orders", "--for", goal).code == .usage) }

  private static let half = Samples.progress(2_500, of: 5_000, bytes: 1000, perSecond: 100)

  @Test("On a terminal one line is drawn again: a bar, percent, records, bytes, rate and time left") func bar() async {
    let client = FakeControlClient([Samples.restore(.restoring, progress: Self.half)], then: [[Samples.restore(.done)]])
    let result = await Session(client).run(["wait", "orders"], onTerminal: 140)
    let bar = String(repeating: "█", count: 12) + String(repeating: "·", count: 12)
    #expect(
      result.error == "\r\u{1B}[2Korders 🚀 Restoring  [\(bar)]  50%  2,500 of 5,000 records  2.5 MB of 5.0 MB  "
        + "100 kB/s  25s left\r\u{1B}[2Korders ✅ Done\n")
    #expect(result.out == "restores/default/orders is ✅ Done\n")
    let narrow = await Session(client).run(["wait", "orders"], onTerminal: 40)
    let lines = narrow.error.split(separator: "\r").map { $0.drop { $0 != "o" } }
    #expect(lines.allSatisfy { $0.count < 40 }, "\(narrow.error)")
  }

  @Test("Without a terminal there is a plain line at each phase and each tenth") func plain() async {
    func at(_ records: Int64) -> [Resource] {
      [Samples.restore(.restoring, progress: Samples.progress(records, of: 100, bytes: 1000))]
    }
    let client = FakeControlClient(at(1), then: [at(5), at(11), at(12), [Samples.restore(.done)]])
    let result = await Session(client).run("wait", "orders")
    #expect(
      result.error == """
        orders 🚀 Restoring  1%  1 of 100 records  1.0 kB of 100 kB
        orders 🚀 Restoring  11%  11 of 100 records  11.0 kB of 100 kB
        orders ✅ Done

        """)
  }

  @Test("Many documents of one file are waited for over one stream, and what fails is said after the others")
  func many() async throws {
    func states(_ phases: [Phase]) -> [Resource] {
      phases.enumerated().map { Samples.restore($1, name: "r\($0)") }
    }
    let client = FakeControlClient(
      states([.restoring, .restoring, .restoring, .ready]),
      then: [states([.restoring, .failed, .done, .ready]), states([.done, .failed, .done, .ready])]
    ) { _ in .restoreEnabled }
    let folder = try TemporaryDirectory.make("apply")
    let path = "\(folder)/documents.yaml"
    let documents = (0..<4).map {
      "{apiVersion: kannika.io/v1alpha, kind: Restore, metadata: {name: r\($0)}, "
        + "spec: {source: a, sink: b, enabled: \($0 < 3), config: {}}}"
    }
    try write(documents.joined(separator: "\n---\n"), to: path)
    let result = await Session(client).run("apply", "--wait", "-f", path)
    #expect(result.code == .refused)
    #expect(
      result.out.split(separator: "\n").suffix(2) == ["restores/default/r2 is ✅ Done", "restores/default/r0 is ✅ Done"])
    #expect(result.error.contains("thaw: restores/default/r1: will not be ✅ Done: it has failed"))
    #expect(client.streams == 1)
  }
}

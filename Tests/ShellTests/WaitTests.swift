import RestoreModel
import Shell
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
}

import ControlTopics
import RestoreModel
import Shell
import Testing

@Suite("thaw audit") struct AuditVerbTests {
  private func report(_ difference: AuditDifference? = nil) -> AuditReport {
    var report = AuditReport()
    report.events = 1200
    report.hashes = 14
    report.owners = 1
    report.offsets = 0...1300
    report.state.resources[Samples.orders] = Samples.restore(.done)
    report.state.time = Samples.now
    report.difference = difference
    return report
  }

  @Test("What was proved is said in two lines") func proved() async {
    let session = Session(FakeControlClient(audited: report()))
    let all = await session.run("audit")
    #expect(
      all.out == """
        1,200 events replayed, offsets 0 to 1300, by 1 owner: no gap, every state hash agrees
        1 document: specs and status hold what the events lead to

        """)
    #expect(all.code == .done && all.error.isEmpty)
    let one = await session.run("audit", "orders")
    #expect(one.out.contains("every state hash of restores/default/orders agrees (14)"))
    #expect(one.out.contains("specs and status hold restores/default/orders as the events lead to it"))
    let past = await session.run("audit", "restores/orders", "--until", "1300")
    #expect(past.out.contains("restores/default/orders is Done as of 2021-01-01T00:01:30.000Z, in generation 1"))
  }

  @Test("A difference is on standard error with its place, and the code is 1") func difference() async {
    let found = AuditDifference(
      .state, topic: .events, offset: 12, key: .resource(Samples.orders), sequence: 9, "TopicMapped states the uid x")
    let session = Session(FakeControlClient(audited: report(found)))
    let text = await session.run("audit", "--topic-prefix", "other.")
    #expect(text.code == .refused && text.out.isEmpty)
    #expect(
      text.error == "thaw: other.events-0 at offset 12: restores/default/orders: TopicMapped states the uid x\n")
    let json = await session.run("audit", "-o", "json")
    #expect(json.code == .refused)
    #expect(json.out.contains("\"consistent\": false") && json.out.contains("\"offset\": 12"))
  }

  @Test("What no event is about isn't found") func unknown() async {
    var report = report()
    report.hashes = 0
    let session = Session(FakeControlClient(audited: report))
    #expect(await session.run("audit", "nobody").code == .notFound)
    #expect(await session.run("audit").code == .done)
  }
}

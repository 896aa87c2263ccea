import ControlPlane
import ControlTopics
import JSON
import Kafka
import KafkaLog
import Logging
import RestoreModel
import TestSupport
import Testing
import Threads

/// What `Tests/Models/owner.pml` and `reports.pml` show to go wrong without a rule, on a broker that fences, evicts and withholds.
@Suite("Ownership when things go wrong")
struct OwnershipFailureTests {
  let orders = ResourceKey(.restore, name: "orders")

  private func create(_ name: String) -> NewCommand {
    NewCommand(
      ResourceKey(.restore, name: name),
      CommandMessage(.create(spec: ["source": "archive", "sink": "cluster"], metadata: nil)))
  }

  @Test(
    "A transaction left open on specs hides the last documents from a new owner: it decides nothing before they show",
    .broker(.lastStableOffset, .groupFencing))
  func hangingTransaction() async throws {
    let installation = try await ControlPlaneInstallation(.apache)
    let client = try CommandClient(installation.settings())
    let first = try await installation.start()
    _ = try await client.decide(create("before"), timeout: .seconds(30))
    let foreign = try installation.broker.foreignProducer()
    let specs = installation.naming.name(of: .specs)
    try await foreign.onThread { foreign in
      try foreign.initTransactions(timeout: .seconds(20))
      try foreign.begin()
      try foreign.produce(OutgoingRecord(topic: specs, partition: 0, key: [0], value: nil))
      try foreign.flush(timeout: .seconds(30))
    }
    _ = try await client.decide(create("orders"), timeout: .seconds(30))
    try await first.stop()

    let second = try await installation.start()
    let again = try await installation.send([(orders, #"{"command":"Create","spec":{"source":"a","sink":"b"}}"#)])
    let isBlocked = try await eventually(within: .seconds(60)) {
      installation.logs.lines.contains { $0.contains("a topic is blocked") && $0.contains(specs) }
    }
    #expect(isBlocked, "\(installation.logs.lines)")
    #expect(try await installation.events().allSatisfy { $0.event.epoch == 1 })
    try await foreign.onThread { foreign in
      try foreign.abort(timeout: .seconds(30))
      foreign.close()
    }
    let outcome = try #require(try await installation.outcomes(ofCommandAt: again).first)
    #expect(outcome.event.epoch == 2 && outcome.event.content.type == "CommandRejected", "\(outcome)")
    let state = try await StateReader(installation.settings()).snapshot().state
    #expect(state.resources[orders]?.restoreSpec?.source == "archive")
    await client.close()
    try await second.stop()
  }

  @Test("A position that the broker forgot is taken from the events: nothing is decided twice", .broker(.groupFencing))
  func expiredPosition() async throws {
    let installation = try await ControlPlaneInstallation(.apache)
    let first = try await installation.start()
    let last = try await installation.send(installation.enabled(["a", "b"]))
    #expect(try await installation.outcomes(ofCommandAt: last).count == 1)
    try await first.stop()
    try installation.broker.deleteGroup(installation.naming.owner)
    let next = try await installation.send([(orders, #"{"command":"Enable"}"#)])
    let second = try await installation.start()
    #expect(try await installation.outcomes(ofCommandAt: next).count == 1)
    let events = try await installation.events()
    for offset in 0...next { #expect(events.count { $0.isOutcome(ofCommandAt: offset) } == 1, "offset \(offset)") }
    #expect(events.map(\.event.sequence) == Array(1...Int64(events.count)))
    #expect(installation.logs.lines.contains { $0.contains("the group has no committed position") })
    try await second.stop()
  }

  @Test(
    "Of two owners that both believe they are it, the broker refuses the older's transaction, begun as it is",
    .broker(.groupFencing))
  func twoOwners() async throws {
    let installation = try await ControlPlaneInstallation(.apache)
    let (naming, group) = (installation.naming, installation.naming.owner)
    let older = try await KafkaLog.open(
      installation.settings(instance: "older"), logger: Logger("older", to: installation.logs))
    let term = try await older.takeOver()
    func record(_ owner: String) -> OutgoingControlRecord {
      RecordEncoder(installation: owner, epoch: 1).installation(sequence: 1)
    }
    // Its records are written, its position and the end of the transaction are not.
    let gate = Monitor((stands: false, open: false))
    let records = [record("older")]
    let late = Task {
      try await term.commit(records, position: 7) { _ in
        gate.change { $0.stands = true }
        _ = gate.wait { $0.open ? true : nil }
        return "older"
      }
    }
    let stands = try await NamedThread.run("wait") { gate.wait(timeout: .seconds(30)) { $0.stands ? true : nil } }
    try #require(stands == true)
    try installation.broker.removeMember("older", from: group)
    let younger = try await KafkaLog.open(
      installation.settings(instance: "younger"), logger: Logger("younger", to: installation.logs))
    let next = try await younger.takeOver()
    #expect(next.committed == nil)
    _ = try await next.commit([record("younger")], position: 3) { _ in "younger" }

    gate.change { $0.open = true }
    let refusal = await #expect(throws: TermEnded.self) { _ = try await late.value }
    #expect(refusal?.reason.contains("a transaction failed") == true, "\(String(describing: refusal))")
    let written = try await installation.broker.readAll(TopicPartition(naming.name(of: .specs), 0))
    let last = try #require(written.last?.value)
    #expect(String(decoding: last, as: UTF8.self).contains("younger"))
    #expect(!written.contains { String(decoding: $0.value ?? [], as: UTF8.self).contains(#""older""#) })
    let partition = TopicPartition(naming.name(of: .commands), 0)
    let admin = try Admin(installation.broker.configuration)
    let committed = try await admin.onThread { admin in
      defer { admin.close() }
      return try admin.committedPositions(of: group, partitions: [partition], timeout: .seconds(20))[partition]
    }
    #expect(committed?.offset == 3 && committed?.metadata == Array("younger".utf8))
    await younger.leave()
    await older.leave()
  }

  @Test(
    "Standbys that come and go under a burst leave the owner its partition, its term and its work",
    .broker(.groupFencing, .rebalancing))
  func rebalances() async throws {
    let installation = try await ControlPlaneInstallation(.apache)
    let owner = try await installation.start(instance: "owner")
    let client = try CommandClient(installation.settings())
    _ = try await client.decide(create("first"), timeout: .seconds(30))
    let rounds = 4
    let isOver = Locked(false)
    // One after the other, so that there is always a commit for a rebalance to meet.
    let burst = Task {
      var count = 0
      while !isOver.withLock({ $0 }) {
        _ = try await client.decide(create("r\(count)"), timeout: .seconds(60))
        count += 1
      }
      return count
    }
    for _ in 0..<rounds {
      let standby = try await installation.start(instance: "standby")
      let before = try await installation.events().count
      #expect(try await eventually(within: .seconds(60)) { try await installation.events().count > before + 20 })
      try await standby.stop()
    }
    isOver.withLock { $0 = true }
    let count = try await burst.value
    let events = try await installation.events()
    #expect(Set(events.map(\.event.epoch)) == [1], "\(installation.logs.lines)")
    #expect(events.count { $0.event.content.type == "RestoreCreated" } == count + 1)
    #expect(events.map(\.event.sequence) == Array(1...Int64(events.count)))
    await client.close()
    try await owner.stop()
  }

  @Test("What failed before a Retry and is reported after it fails nothing", .broker())
  func lateFailure() async throws {
    let installation = try await ControlPlaneInstallation(BrokerKind.here()[0])
    let controller = try await installation.start()
    let last = try await installation.send(installation.enabled(["orders"]))
    _ = try await installation.outcomes(ofCommandAt: last)
    #expect(try await eventually { !controller.work.items(for: orders).isEmpty })
    let item = try #require(controller.work.items(for: orders).first).id
    func report(_ reason: String, claim: Claim) {
      let fault = RunFault(reason: reason, message: "for the test")
      controller.work.report.yield(
        Fact(key: item.key, uid: item.uid, run: item.run, claim: claim, content: .failed(fault)))
    }
    let reader = StateReader(installation.settings())
    func awaitPhase(_ phase: Phase) async throws {
      let reached = try await eventually(within: .seconds(60)) {
        try await reader.snapshot().state.resources[orders]?.status.phase == phase
      }
      #expect(reached, "\(phase): \(installation.logs.lines)")
    }
    report("First", claim: item.claim)
    try await awaitPhase(.failed)
    let retry = try await installation.send([(orders, #"{"command":"Retry"}"#)])
    #expect(try await installation.outcomes(ofCommandAt: retry).first?.event.content.type == "RunRetried")
    report("Late", claim: item.claim)
    #expect(
      try await eventually(within: .seconds(60)) {
        installation.logs.lines.contains { $0.contains("a fact changes nothing") && $0.contains("failed") }
      }, "\(installation.logs.lines)")
    try await awaitPhase(.initializing)
    // The same word under the claim in force is heard.
    report("Now", claim: try #require(controller.work.items(for: orders).first).id.claim)
    try await awaitPhase(.failed)
    let faults = try await installation.events().compactMap { record in
      if case .runFailed(let fault) = record.event.content { fault.reason } else { nil }
    }
    #expect(faults == ["First", "Now"])
    try await controller.stop()
  }
}

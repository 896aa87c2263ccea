import ControlPlane
import ControlTopics
import KafkaLog
import Logging
import RestoreModel
import TestSupport
import Testing
import Threads

@Suite("A take-over of many runs")
struct TakeOverInPartsTests {
  static let names = (0..<60).map { "r\($0)" }

  /// A transaction of a few runs.
  static var settings: ControllerSettings {
    var settings = ControllerSettings()
    settings.bytesPerTransaction = 20_000
    return settings
  }

  @Test(
    "It is made of several transactions, and whichever is its owner's last, the next owner has every run",
    .broker(.groupFencing), arguments: [1, 2, 4])
  func parts(last: Int) async throws {
    let installation = try await ControlPlaneInstallation(.apache)
    let first = try await installation.start()
    let offset = try await installation.send(installation.enabled(Self.names))
    #expect(try await installation.outcomes(ofCommandAt: offset).count == 1)
    await first.kill()

    let commits = Monitor(0)
    let second = try await installation.start(settings: Self.settings) { DyingLog($0, after: last, commits) }
    let hasStopped = try await NamedThread.run("wait") {
      commits.wait(timeout: .seconds(60)) { $0 > last ? true : nil }
    }
    #expect(hasStopped == true, "\(installation.logs.lines)")
    for name in Self.names { #expect(second.work.items(for: ResourceKey(.restore, name: name)).isEmpty) }
    await second.kill()

    let third = try await installation.start(settings: Self.settings)
    let end = try await installation.send([(ResourceKey(.restore, name: "r0"), #"{"command":"Enable"}"#)])
    #expect(try await installation.outcomes(ofCommandAt: end).count == 1)
    let events = try await installation.events()
    let taken = Dictionary(grouping: events) { $0.event.epoch }
      .mapValues { $0.compactMap(Self.takenOver) }
    let begun = taken[2]?.count ?? 0
    #expect((1..<Self.names.count).contains(begun), "the second owner began, and did not come to the end")
    #expect(Set(taken[3]?.map(\.key.name) ?? []) == Set(Self.names) && taken[3]?.count == Self.names.count)
    #expect(Self.transactions(events.filter { $0.event.epoch == 3 && Self.takenOver($0) != nil }) > 4)

    let audit = try await AuditReader(installation.settings()).audit()
    #expect(audit.difference == nil && audit.isHeadCompared)
    let earlier = Dictionary(uniqueKeysWithValues: (taken[2] ?? []).map { ($0.key, $0.claim) })
    for run in taken[3] ?? [] {
      // The first claim is of the run's start.
      #expect(run.claim == (earlier[run.key] ?? Claim(1)).next)
      #expect(third.work.items(for: run.key).map(\.id.claim) == [run.claim])
    }
    try await third.stop()
  }

  private static func takenOver(_ record: EventRecord) -> (key: ResourceKey, claim: Claim)? {
    guard case .runTakenOver(let claim) = record.event.content, let key = record.event.key else { return nil }
    return (key, claim)
  }

  /// Each ends with a marker, which takes an offset.
  private static func transactions(_ events: [EventRecord]) -> Int {
    zip(events, events.dropFirst()).count { $1.offset > $0.offset + 1 } + 1
  }
}

/// A log whose owner stands still for ever after some commits, as a process that dies.
private struct DyingLog: ControlLog {
  let log: KafkaLog
  let last: Int
  let commits: Monitor<Int>

  init(_ log: KafkaLog, after last: Int, _ commits: Monitor<Int>) {
    (self.log, self.last, self.commits) = (log, last, commits)
  }

  func takeOver() async throws -> any OwnerTerm { Term(term: try await log.takeOver(), last: last, commits: commits) }
  func leave() async { await log.leave() }

  struct Term: OwnerTerm {
    let term: any OwnerTerm
    let last: Int
    let commits: Monitor<Int>

    var committed: CommandsPosition? { term.committed }
    var maxMessageBytes: Int { term.maxMessageBytes }
    var blocked: BlockedPartition? { get async { await term.blocked } }
    func extent(of topic: ControlTopic) async throws -> TopicExtent { try await term.extent(of: topic) }
    func replay(
      _ topic: ControlTopic, from offset: Int64?, _ body: @escaping @Sendable ([ControlRecord]) throws -> Void
    ) async throws -> Int64 { try await term.replay(topic, from: offset, body) }
    func startCommands(at offset: Int64) async throws { try await term.startCommands(at: offset) }
    func nextCommands(max: Int) async throws -> [ControlRecord] { try await term.nextCommands(max: max) }
    func wake() { term.wake() }
    func prove() async throws { try await term.prove() }

    func commit(
      _ records: [OutgoingControlRecord], position: Int64,
      metadata: @escaping @Sendable (_ written: [ControlTopic: Int64]) -> String
    ) async throws -> [ControlTopic: Int64] {
      let number = commits.change { commits in
        commits += 1
        return commits
      }
      guard number > last else { return try await term.commit(records, position: position, metadata: metadata) }
      while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
      throw TermEnded("dead")
    }
  }
}

import ControlPlane
import ControlTopics
import RestoreModel
import Testing

@Suite("The control plane on a simulated log")
struct ControllerTests {
  @Test("A Restore runs from its creation to its verification", arguments: 0..<10)
  func happyPath(seed: UInt64) throws {
    let world = World(seed: seed)
    world.startController("a")
    world.sendRestore()
    try world.runUntilVerified()
    #expect(world.phase(world.restore) == .done)
    let types = Set(try world.events().map(\.event.content.type))
    #expect(
      types.isSuperset(of: [
        "OwnerChanged", "RestoreCreated", "RunStarted", "RunPlanned", "PreflightPassed", "LanePositioned",
        "TopicStarted", "TopicRestored", "RunCompleted", "RunVerified",
      ]))
    world.check()
  }

  @Test("Whatever effect an owner dies at, the next one finishes", arguments: 0..<10)
  func crashAnywhere(seed: UInt64) throws {
    // How many effects there are, without a crash.
    let calm = World(seed: seed)
    let first = calm.startController("a").process
    calm.sendRestore()
    try calm.runUntilVerified()
    for effect in stride(from: 1 + Int(seed), through: first.effects, by: 20) {
      let world = World(seed: seed)
      world.startController("a", diesAt: effect)
      world.startController("b")
      world.sendRestore()
      try world.runUntilVerified()
      world.check()
    }
  }

  @Test("Owners who dispute, die and lose answers decide each command once", arguments: 0..<100)
  func dispute(seed: UInt64) throws {
    let world = World(seed: seed)
    for (index, name) in ["a", "b", "c"].enumerated() {
      world.startController(
        name, diesAt: index < 2 ? Int(world.machine.draw(5...400)) : nil, losesAnswers: world.machine.draw(5...40)
      )
    }
    world.sendRestore()
    for round in 1...6 {
      world.machine.after(Int64(round) * world.machine.draw(50...400)) { [broker = world.broker] in
        if let owner = broker.assignee { broker.evict(owner) }
      }
    }
    try world.runUntilVerified()
    world.check()
  }

  @Test("A stop hands over in order, and the next owner goes on", arguments: 0..<20)
  func handOver(seed: UInt64) throws {
    let world = World(seed: seed)
    let task = world.startController("a").task
    world.sendRestore()
    try world.machine.run { world.phase(world.restore) == .initializing || world.phase(world.restore) == .restoring }
    task.cancel()
    try world.machine.run { world.broker.members.isEmpty }
    world.startController("b")
    try world.runUntilVerified()
    world.check()
  }

  @Test("An expired position is taken from the events, never reset", arguments: 0..<20)
  func expiredPosition(seed: UInt64) throws {
    let world = World(seed: seed)
    let task = world.startController("a").task
    world.sendRestore()
    try world.runUntilVerified()
    task.cancel()
    try world.machine.run { world.broker.members.isEmpty }
    world.broker.loseCommittedPosition()
    let offset = world.send(world.restore, #"{"command":"Disable"}"#)
    world.startController("b")
    try world.settle()
    #expect(try world.events().contains { $0.isOutcome(ofCommandAt: offset) })
    world.check()
  }

  @Test("Every pause, resume, restart and deletion ends, whoever dies", arguments: 0..<40)
  func commandsAtAnyTime(seed: UInt64) throws {
    let world = World(seed: seed)
    world.startController("a", diesAt: Int(world.machine.draw(50...800)), losesAnswers: 40)
    world.startController("b", losesAnswers: 40)
    world.sendRestore()
    let commands = ["Disable", "Enable", "Restart", "Retry", "Pause", "Resume"]
    let count = Int(world.machine.draw(2...6))
    for _ in 0..<count {
      let command = commands[Int(world.machine.draw(0...Int64(commands.count - 1)))]
      let due = world.machine.now + world.machine.draw(0...300)
      try world.machine.run { world.machine.now >= due || world.isVerified && world.machine.now + 300 < due }
      world.send(world.restore, "{\"command\":\"\(command)\"}")
    }
    world.send(world.restore, #"{"command":"Delete","id":"d1"}"#)
    try world.machine.run {
      world.broker.committed.map { $0.offset >= world.broker.end(of: .commands) } == true
        && world.latest.resources[world.restore] == nil
    }
    try world.settle()
    world.check()
  }

  @Test("A decision whose records don't fit is rejected before it is taken")
  func tooLarge() throws {
    let world = World(seed: 1)
    world.startController("a")
    world.send(world.restore, #"{"command":"Create","id":"c1","spec":{"source":"archive","sink":"cluster"}}"#)
    let text = String(repeating: "x", count: 150_000)
    let offset = world.send(
      world.restore, "{\"command\":\"Configure\",\"id\":\"c2\",\"spec\":{\"description\":\"\(text)\"}}")
    let next = world.send(world.restore, #"{"command":"Configure","spec":{"description":"short"}}"#)
    try world.settle()
    let events = try world.events()
    let outcome = try #require(events.first { $0.isOutcome(ofCommandAt: offset) })
    guard case .commandRejected(let rejection) = outcome.event.content else { throw Unexpected(outcome) }
    #expect(rejection.reason == .tooLarge)
    #expect(events.contains { $0.isOutcome(ofCommandAt: next) && $0.event.content.type == "SpecChanged" })
    world.check()
  }

  @Test("Ids of a deleted resource are forgotten after seven days")
  func forget() throws {
    let world = World(seed: 2)
    world.startController("a")
    world.send(world.restore, #"{"command":"Create","id":"c1","spec":{"source":"archive","sink":"cluster"}}"#)
    world.send(world.restore, #"{"command":"Delete","id":"d1"}"#)
    try world.settle()
    #expect(world.latest.deleted[world.restore]?.commandIDs == ["c1", "d1"])
    let days: Int64 = 24 * 3600 * 1000
    world.machine.skip(7 * days - 60_000)
    let due = world.machine.now + 50_000
    try world.machine.run { world.machine.now > due }
    #expect(world.latest.deleted.isEmpty == false)
    try world.machine.run { world.latest.deleted.isEmpty == true }
    world.check(comparingDeleted: false)
  }

  @Test("Every topic of an archive is imported, and an archive that never answers stalls nobody for long")
  func importTopics() throws {
    let world = World(seed: 3)
    let work = world.startController("a").work
    world.sendRestore()
    try world.settle()
    work.answersListings = false
    let other = ResourceKey(.restore, name: "other")
    world.send(other, #"{"command":"Create","spec":{"source":"archive","sink":"cluster"}}"#)
    let stalled = world.send(other, #"{"command":"ImportTopics"}"#)
    let began = world.machine.now
    try world.settle()
    #expect(world.machine.now - began < 30_000)
    let outcome = try #require(try world.events().first { $0.isOutcome(ofCommandAt: stalled) })
    #expect(outcome.event.content.type == "CommandRejected")
    work.answersListings = true
    world.send(other, #"{"command":"ImportTopics","suffix":"-copy"}"#)
    try world.settle()
    #expect(
      world.latest.resources[other]?.restoreSpec?.config.topics.map(\.target.text) == [
        "orders-copy", "payments-copy", "returns-copy",
      ])
    world.check()
  }

  @Test(
    "What only a newer version, or somebody else, can have written halts the controller",
    arguments: [ControlTopic.specs, .status, .events])
  func foreignRecords(topic: ControlTopic) throws {
    let world = World(seed: 4)
    let task = world.startController("a").task
    world.sendRestore()
    try world.runUntilVerified()
    task.cancel()
    try world.machine.run { world.broker.members.isEmpty }
    let newer = #"{"version":99}"#
    world.broker.write([
      OutgoingControlRecord(
        topic: topic, key: RecordKey.resource(world.restore).bytes, value: Array(newer.utf8),
        headers: [.init("epoch", "1"), .init("sequence", "1000")])
    ])
    let next = world.startController("b").task
    let result = HaltedResult()
    _ = world.machine.start { result.error = await Self.failure(of: next) }
    try world.machine.run { result.error != nil }
    let corrupt = try #require(result.error as? CorruptLog)
    #expect(corrupt.topic == topic)
    #expect(corrupt.offset == world.broker.end(of: topic) - 1)
  }

  private static func failure(of task: Task<Void, any Error>) async -> (any Error)? {
    do { try await task.value } catch { return error }
    return nil
  }
}

private struct Unexpected: Error {
  init(_ record: EventRecord) { self.record = record }
  var record: EventRecord
}

private final class HaltedResult: @unchecked Sendable { var error: (any Error)? }

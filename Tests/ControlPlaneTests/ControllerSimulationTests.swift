import ControlPlane
import ControlTopics
import RestoreModel
import Testing

@Suite("The control plane on a simulated log")
struct ControllerSimulationTests {
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
    try world.check()
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
      try world.check()
    }
  }

  @Test("Owners who dispute, die and lose answers decide each command once", arguments: 0..<100)
  func dispute(seed: UInt64) throws {
    let world = World(seed: seed)
    for (index, name) in ["a", "b", "c"].enumerated() {
      world.startController(
        name, diesAt: index < 2 ? Int(world.simulation.draw(5...400)) : nil, losesAnswers: world.simulation.draw(5...40)
      )
    }
    world.sendRestore()
    for round in 1...6 {
      world.simulation.after(Int64(round) * world.simulation.draw(50...400)) { [broker = world.broker] in
        if let owner = broker.assignee { broker.evict(owner) }
      }
    }
    try world.runUntilVerified()
    try world.check()
  }

  @Test("A stop hands over in order, and the next owner goes on", arguments: 0..<20)
  func handOver(seed: UInt64) throws {
    let world = World(seed: seed)
    let (_, task) = world.startController("a")
    world.sendRestore()
    try world.simulation.run { world.phase(world.restore) == .initializing || world.phase(world.restore) == .restoring }
    task.cancel()
    try world.simulation.run { world.broker.members.isEmpty }
    world.startController("b")
    try world.runUntilVerified()
    try world.check()
  }

  @Test("An expired position is taken from the events, never reset", arguments: 0..<20)
  func expiredPosition(seed: UInt64) throws {
    let world = World(seed: seed)
    let (_, task) = world.startController("a")
    world.sendRestore()
    try world.runUntilVerified()
    task.cancel()
    try world.simulation.run { world.broker.members.isEmpty }
    world.broker.loseCommittedPosition()
    let offset = world.send(world.restore, #"{"command":"Disable"}"#)
    world.startController("b")
    try world.simulation.run { (world.broker.committed?.offset ?? 0) > offset }
    try world.check()
  }

  @Test("Every pause, resume, restart and deletion ends, whoever dies", arguments: 0..<40)
  func commandsAtAnyTime(seed: UInt64) throws {
    let world = World(seed: seed)
    world.startController("a", diesAt: Int(world.simulation.draw(50...800)), losesAnswers: 40)
    world.startController("b", losesAnswers: 40)
    world.sendRestore()
    let commands = ["Disable", "Enable", "Restart", "Retry", "Pause", "Resume"]
    let count = Int(world.simulation.draw(2...6))
    for _ in 0..<count {
      let command = commands[Int(world.simulation.draw(0...Int64(commands.count - 1)))]
      let due = world.simulation.now + world.simulation.draw(0...300)
      try world.simulation.run { world.simulation.now >= due || world.isVerified && world.simulation.now + 300 < due }
      world.send(world.restore, "{\"command\":\"\(command)\"}")
    }
    world.send(world.restore, #"{"command":"Delete","id":"d1"}"#)
    try world.simulation.run {
      world.broker.committed.map { $0.offset >= world.broker.end(of: .commands) } == true
        && world.latest?.resources[world.restore] == nil
    }
    try world.settle()
    try world.check()
  }
}

import ControlTopics
import RestoreModel

/// A history full of trouble, all of it drawn from the seed: processes die, freeze and come back, answers are lost, ownership is disputed,
/// reports come late and twice, strangers leave transactions open, topics are compacted, and people send commands. Then the weather clears, and
/// what was asked for must come to its end.
struct Storm {
  let world: World
  private let machine: Machine
  private let length: Int64
  private let pace: Int64

  init(seed: UInt64, without rule: Rule? = nil) {
    world = World(seed: seed, without: rule)
    machine = world.machine
    length = machine.draw(2000...40_000)
    world.broker.lag = machine.pick([1, 5, 30])
    world.sink.lag = machine.pick([1, 5, 30])
    world.sink.recordsPerTopic = machine.pick([3, 3, 20])
    pace = machine.pick([0, 30, 1000])
    world.broker.mindsGenerations = machine.happens(oneIn: 2)
  }

  /// What doesn't hold; empty when all is well.
  func findings() -> [String] {
    defer { world.end() }
    do {
      try rage()
      try heal()
      let findings = world.findings(comparingDeleted: true)
      guard findings.isEmpty, machine.happens(oneIn: 2) else { return findings }
      try delete()
      return world.findings()
    } catch { return ["\(error)"] + world.findings() }
  }

  // MARK: trouble

  private func rage() throws {
    for name in ["a", "b", "c"].prefix(Int(machine.draw(2...3))) { start(name) }
    scheduleTrouble()
    for _ in 0..<machine.draw(0...8) { at { sendAnything() } }
    world.sendRestore()
    // A client that gets no answer sends again.
    at { world.send(world.restore, #"{"command":"Create","id":"c1","spec":{"source":"archive","sink":"cluster"}}"#) }
    try machine.run(for: length)
  }

  private func scheduleTrouble() {
    let (broker, machine) = (world.broker, machine)
    for _ in 0..<machine.draw(0...5) { at { if let owner = broker.assignee { broker.evict(owner) } } }
    for _ in 0..<machine.draw(0...3) { at { broker.rebalance() } }
    for _ in 0..<machine.draw(0...2) { at { quarrel() } }
    for _ in 0..<machine.draw(0...3) {
      at {
        let awake = awake
        if !awake.isEmpty { machine.pick(awake).freeze(for: machine.draw(500...30_000)) }
      }
    }
    if machine.happens(oneIn: 6) { at { sleepForLong() } }
    for _ in 0..<machine.draw(0...2) {
      let topic = machine.pick(ControlTopic.allCases)
      at {
        let foreign = broker.openForeign(topic)
        machine.after(machine.draw(10...15_000)) { broker.abortForeign(foreign, topic) }
      }
    }
    for _ in 0..<machine.draw(0...10) { at { broker.compact(machine.pick([.specs, .status])) } }
    if machine.happens(oneIn: 8) {
      at {
        guard let restore = world.latest.resources[world.restore] else { return }
        guard [.paused, .failed].contains(restore.status.phase) else { return }
        world.sink.expire(restore.metadata.uid)
      }
    }
  }

  /// The partition goes from one to the other, while both have something to decide.
  private func quarrel() {
    let (broker, machine) = (world.broker, machine)
    for _ in 0...machine.draw(0...2) {
      machine.after(machine.draw(0...60)) { if let owner = broker.assignee { broker.evict(owner) } }
    }
    nonisolated(unsafe) let storm = self
    for _ in 0...machine.draw(0...6) { machine.after(machine.draw(0...100)) { storm.sendAnything() } }
  }

  /// Everybody is gone for longer than brokers remember positions.
  private func sleepForLong() {
    let names = world.processes.keys.sorted()
    for started in world.inOrder { started.process.die() }
    nonisolated(unsafe) let storm = self
    machine.after(1000) {
      guard storm.awake.isEmpty else { return }
      storm.world.sink.expire()
      if !storm.world.broker.isPositionInDoubt { storm.world.broker.loseCommittedPosition() }
      for name in names { storm.machine.after(storm.machine.draw(0...1000)) { storm.start(name) } }
    }
  }

  private var awake: [SimulatedProcess] { world.inOrder.map(\.process).filter { !$0.isDead && !$0.isFrozen } }

  private func at(_ action: @escaping () -> Void) {
    nonisolated(unsafe) let action = action
    machine.after(machine.draw(0...length)) { action() }
  }

  /// Every other process comes back when it has died.
  private func start(_ name: String) {
    guard isRaging, world.processes[name].map(\.process.isDead) ?? true else { return }
    var freezes: [Int: Int64] = [:]
    if machine.happens(oneIn: 2) { freezes[Int(machine.draw(1...300))] = machine.draw(500...40_000) }
    let losesAnswers: Int64? = machine.pick([nil, 5, 20, 40])
    let reaction: Int64 = machine.pick([5, 50, 3000])
    let delay: Int64 = machine.pick([0, 20, 2000])
    let failsOneIn: Int64? = machine.pick([nil, nil, 5, 20])
    let dies = machine.happens(oneIn: 4) ? nil : Int(machine.draw(1...400))
    let started = world.startController(name, diesAt: dies, losesAnswers: losesAnswers, freezes: freezes) { log, work in
      log.membership.reaction = reaction
      work.delay = delay
      work.keepInterval = length.isMultiple(of: 2) ? 300 : 10_000
      work.repeatsOneIn = 4
      work.failsOneIn = failsOneIn
      work.pace = pace
    }
    nonisolated(unsafe) let storm = self
    let silent = started.process.whenSilent
    started.process.whenSilent = { [unowned process = started.process] in
      silent()
      guard process.isDead, storm.isRaging, storm.machine.happens(oneIn: 2) else { return }
      storm.machine.after(storm.machine.draw(0...15_000)) { storm.start(name) }
    }
  }

  private var isRaging: Bool { machine.now < began + length }
  private let began: Int64 = 1_700_000_000_000

  private func sendAnything() {
    let id = machine.happens(oneIn: 2) ? ",\"id\":\"u\(machine.draw(1...3))\"" : ""
    let command = machine.pick(["Disable", "Enable", "Restart", "Retry", "Pause", "Resume", "Delete"])
    switch machine.draw(1...6) {
    case 1: world.send(world.restore, "{\"command\":\"Configure\",\"spec\":{\"description\":\"changed\"}\(id)}")
    case 2: world.send(world.restore, "{\"command\":\"UnmapTopic\",\"target\":\"payments-copy\"\(id)}")
    case 3: world.send(world.restore, "no command at all")
    default: world.send(world.restore, "{\"command\":\"\(command)\"\(id)}")
    }
  }

  // MARK: and its end

  private func heal() throws {
    for started in world.inOrder {
      started.process.diesAt = nil
      started.process.freezes = [:]
      started.process.losesAnswers = nil
      started.process.thaw()
      started.log.losesAnswers = nil
      started.log.membership.reaction = 5
      started.work.failsOneIn = nil
      started.work.delay = 5
      started.work.pace = 0
    }
    world.startController("z")
    world.send(world.restore, #"{"command":"Enable"}"#)
    var asked: Int64 = 0
    try machine.run(within: 1_200_000) {
      // A person looks every few seconds at what is recorded, and asks for what is missing.
      if machine.now >= asked + 5000 {
        asked = machine.now
        askForMore()
      }
      return world.isVerified
    }
    try world.settle()
  }

  private func askForMore() {
    guard let restore = world.latest.resources[world.restore] else {
      return world.sendRestore(id: "c\(machine.now)")
    }
    guard restore.status.stopping == nil else { return }
    switch restore.status.phase {
    case .draft: world.send(world.restore, #"{"command":"MapTopic","source":"orders","target":"orders-copy"}"#)
    case .failed:
      let isLost = restore.status.condition(.failed)?.reason == "PositionsMissing"
      world.send(world.restore, #"{"command":"Enable"}"#)
      world.send(world.restore, "{\"command\":\"\(isLost ? "Restart" : "Retry")\"}")
    case .ready, .paused, .done: world.send(world.restore, #"{"command":"Enable"}"#)
    case .invalid, .initializing, .restoring, nil: break
    }
  }

  private func delete() throws {
    world.send(world.restore, #"{"command":"Delete","id":"d1"}"#)
    world.send(world.restore, #"{"command":"Delete","id":"d1"}"#)
    try machine.run { world.latest.resources[world.restore] == nil }
    try world.settle()
  }
}

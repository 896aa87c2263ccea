import ControlPlane
import ControlTopics
import RestoreModel

/// The dangers that the protocol was made for, one by one: each a short history in which the worst comes at a moment that can be moved by the
/// millisecond. The storms meet them by chance, these on purpose.
enum Hazard: CaseIterable, Sendable {
  case frozenOwnerWakesAfterPause
  case frozenOwnerWakesAfterRestart
  case frozenOwnerWakesAfterDeletion
  case takeOverArrivesBehindASeal
  case restsForLong
  case keptWhileResumed
  case lateFailureAfterRetry
  case positionsExpireBeforeTheyAreRecorded
  case twoWorkersOfOneLane
  case twoOwners
  case positionMovesBeforeTheFence
  case replacedWhileReading
  case positionInDoubtAtTakeOver
  case hangingTransactionAtTakeOver

  /// What it must be met with.
  var rule: Rule {
    switch self {
    case .frozenOwnerWakesAfterPause: .sealBeforePause
    case .frozenOwnerWakesAfterRestart: .sealBeforeRestart
    case .frozenOwnerWakesAfterDeletion: .sealBeforeDeletion
    case .takeOverArrivesBehindASeal: .claims
    case .restsForLong: .restingPositionsAreKept
    case .keptWhileResumed: .keptByTakeOver
    case .lateFailureAfterRetry: .factsCarryClaims
    case .positionsExpireBeforeTheyAreRecorded: .handshake
    case .twoWorkersOfOneLane: .laneFenceThenFetch
    case .twoOwners: .ownersAreFenced
    case .positionMovesBeforeTheFence: .fenceThenFetch
    case .replacedWhileReading: .proof
    case .positionInDoubtAtTakeOver: .stablePosition
    case .hangingTransactionAtTakeOver: .trueEnd
    }
  }

  /// What doesn't hold when it strikes `moment` milliseconds later than it could; empty when all is well.
  func findings(at moment: Int64, without rule: Rule? = nil) -> [String] {
    let world = World(seed: Seeds.only ?? UInt64(moment), without: rule)
    defer { world.end() }
    let history = HazardHistory(world: world, moment: moment)
    do {
      switch self {
      case .frozenOwnerWakesAfterPause: try history.wake(after: .pausing, "Disable")
      case .frozenOwnerWakesAfterRestart: try history.wake(after: .restarting, "Restart")
      case .frozenOwnerWakesAfterDeletion: try history.wake(after: .deleting, "Delete")
      case .takeOverArrivesBehindASeal: try history.takeOverBehindSeal()
      case .restsForLong: try history.restForLong()
      case .keptWhileResumed: try history.keepWhileResumed()
      case .lateFailureAfterRetry: try history.failLate()
      case .positionsExpireBeforeTheyAreRecorded: try history.expire()
      case .twoWorkersOfOneLane: try history.workTwice()
      case .twoOwners, .positionMovesBeforeTheFence: try history.ownTwice()
      case .replacedWhileReading: try history.replace()
      case .positionInDoubtAtTakeOver: try history.doubt()
      case .hangingTransactionAtTakeOver: try history.hang()
      }
      // Frozen ones wake and late reports arrive within this time.
      try world.machine.run(for: 100_000)
      try world.settle()
      return world.findings()
    } catch { return ["\(error)"] + world.findings() }
  }
}

/// One of them.
struct HazardHistory {
  let world: World
  let moment: Int64
  private var machine: Machine { world.machine }

  private func start(_ name: String, reaction: Int64 = 5) -> World.ControllerProcess {
    world.startController(name) { log, work in
      log.membership.reaction = reaction
      work.repeatsOneIn = 1
      // It fences whoever slept, too.
      work.keepInterval = 1_000_000
    }
  }

  private func beginRun() throws {
    world.sink.recordsPerTopic = 60
    world.sendRestore()
    try machine.run { world.phase(world.restore) == .restoring }
  }

  private var status: ResourceStatus? { world.latest.resources[world.restore]?.status }

  /// The owner freezes when its decision to stop is recorded, and has not heard of it; its workers freeze in the middle of things.
  func wake(after stopping: Stopping, _ command: String) throws {
    let owner = start("a")
    try beginRun()
    try machine.run { status?.controller.positioned.isEmpty == false }
    try machine.run(for: moment)
    world.send(world.restore, "{\"command\":\"\(command)\"}")
    try machine.run { status?.stopping == stopping }
    owner.process.freeze(for: 60_000)
    _ = start("b")
    try machine.run { status == nil || status?.stopping == nil }
  }

  /// What a worker asks for its fence reaches the sink after its run is paused by another owner, of whom its process doesn't know.
  func takeOverBehindSeal() throws {
    let owner = start("a", reaction: 60_000)
    try beginRun()
    try machine.run { status?.controller.positioned.isEmpty == false }
    world.send(world.restore, #"{"command":"Disable"}"#)
    try machine.run { status?.phase == .paused }
    owner.work.stalls = ({ if case .lane = $0 { true } else { false } }, 30_000 + moment * 100)
    world.send(world.restore, #"{"command":"Enable"}"#)
    try machine.run { owner.work.stalls == nil }
    try succeed("a")
    world.send(world.restore, #"{"command":"Disable"}"#)
    try machine.run { status?.phase == .paused }
    try machine.run(for: 40_000)
  }

  /// The sink forgets positions in less time than the run is paused.
  func restForLong() throws {
    world.sink.retention = 30_000
    start("a").work.keepInterval = 10_000
    try beginRun()
    try machine.run { status?.controller.positioned.isEmpty == false }
    try machine.run(for: moment)
    world.send(world.restore, #"{"command":"Disable"}"#)
    try machine.run { status?.phase == .paused }
    try machine.run(for: 300_000)
    world.send(world.restore, #"{"command":"Enable"}"#)
    try machine.run { status?.phase == .done || status?.phase == .failed }
    if status?.phase == .failed { world.sink.note(fault: "the run that was paused for long failed") }
  }

  /// An owner that doesn't know of its end keeps positions while the next one has resumed the run and moves them on.
  func keepWhileResumed() throws {
    let owner = start("a", reaction: 60_000)
    try beginRun()
    try machine.run { status?.controller.positioned.isEmpty == false }
    world.send(world.restore, #"{"command":"Disable"}"#)
    owner.work.stalls = ({ if case .keep = $0 { true } else { false } }, 5000 + moment)
    owner.work.keepInterval = 100
    try machine.run { owner.work.stalls == nil && status?.phase == .paused }
    try machine.run(for: 200)
    try succeed("a")
    world.send(world.restore, #"{"command":"Enable"}"#)
    try world.runUntilVerified()
  }

  /// Another owner takes over from one that hears nothing of it.
  private func succeed(_ name: String) throws {
    let epoch = world.latest.epoch
    _ = start("b")
    try machine.run { world.broker.members.contains("b") }
    world.broker.evict(name)
    try machine.run { world.latest.epoch > epoch }
  }

  /// Every report comes twice, the second time much later: so does that of the failure.
  func failLate() throws {
    let owner = start("a")
    owner.work.failsOneIn = 1
    owner.work.pace = 2000
    try beginRun()
    try machine.run { status?.phase == .failed }
    owner.work.failsOneIn = nil
    try machine.run(for: moment)
    world.send(world.restore, #"{"command":"Retry"}"#)
    try world.runUntilVerified()
  }

  /// The owner dies, and nobody comes for longer than the sink remembers positions.
  func expire() throws {
    let owner = start("a")
    try beginRun()
    try machine.run(for: moment)
    owner.process.die()
    try machine.run(for: 20_000)
    world.sink.expire()
    _ = start("b")
    try machine.run { status?.phase == .done || status?.phase == .failed }
  }

  /// The old owner doesn't hear of its end, so that its worker goes on until it is fenced.
  func workTwice() throws {
    _ = start("a", reaction: 8000)
    let second = start("b")
    try machine.run { world.broker.members.contains(second.process.name) && world.latest.epoch > 0 }
    try beginRun()
    try machine.run { status?.controller.startedTopics.isEmpty == false }
    try machine.run(for: moment)
    world.broker.evict(world.broker.assignee ?? "a")
    try world.runUntilVerified()
  }

  /// Both have commands to decide, and the group lets either commit: only the fence tells them apart.
  func ownTwice() throws {
    world.broker.mindsGenerations = false
    _ = start("a", reaction: 8000)
    let second = start("b")
    try machine.run { world.broker.members.contains(second.process.name) && world.latest.epoch == 1 }
    world.sendRestore()
    try world.runUntilVerified()
    let (broker, key) = (world.broker, RecordKey.resource(world.restore).bytes)
    for index in 0..<20 {
      machine.after(Int64(index) * 40) {
        _ = broker.send(key, Array("{\"command\":\"Configure\",\"spec\":{\"description\":\"\(index)\"}}".utf8))
      }
    }
    try machine.run(for: moment)
    if let owner = world.broker.assignee { world.broker.evict(owner) }
    try world.runUntilVerified()
  }

  /// A new owner stops between two reads of its fold. Meanwhile another takes over, decides, and gives it back.
  func replace() throws {
    _ = start("a")
    try beginRun()
    let second = start("b", reaction: 20_000)
    try machine.run { world.broker.members.contains("b") }
    second.log.membership.reaction = 5
    world.broker.evict("a")
    try machine.run { second.log.membership.assignment != nil }
    second.log.membership.reaction = 20_000
    try machine.run(for: moment)
    second.process.freeze(for: 5000)
    world.broker.evict("b")
    let offset = world.send(world.restore, #"{"command":"Configure","spec":{"description":"changed"}}"#)
    try machine.run { (world.broker.committed?.offset ?? 0) > offset }
    try world.runUntilVerified()
  }

  /// The old owner's last commit is accepted, but its position shows only later.
  func doubt() throws {
    world.broker.lag = 40
    _ = start("a")
    let second = start("b")
    try machine.run { world.broker.members.contains(second.process.name) && world.latest.epoch == 1 }
    world.sendRestore()
    try machine.run(for: moment * 3)
    if let owner = world.broker.assignee { world.broker.evict(owner) }
    try world.runUntilVerified()
  }

  /// A stranger's transaction on a topic of ours hides what the old owner wrote behind it.
  func hang() throws {
    let owner = start("a")
    try beginRun()
    let topic: ControlTopic = moment.isMultiple(of: 2) ? .specs : .status
    let foreign = world.broker.openForeign(topic)
    try machine.run(for: moment)
    world.send(world.restore, #"{"command":"Configure","spec":{"description":"changed"}}"#)
    let sequence = world.latest.sequence
    try machine.run { world.latest.sequence > sequence + 1 }
    owner.process.die()
    let (broker, machine) = (world.broker, machine)
    machine.after(30_000) { broker.abortForeign(foreign, topic) }
    _ = start("b")
    try world.runUntilVerified()
  }
}

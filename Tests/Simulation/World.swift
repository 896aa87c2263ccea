import ControlPlane
import ControlTopics
import Logging
import RestoreModel
import Testing
import Threads

/// A cluster, a sink, and processes that come and go.
final class World {
  static let installation = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"

  let machine: Machine
  let broker: SimulatedBroker
  let sink: SimulatedSink
  let logs: SimulatedLogSink
  let restore = ResourceKey(.restore, name: "orders")
  let recorded: Recorded
  let witness = Witness()
  private(set) var processes: [String: ControllerProcess] = [:]
  /// What ended a controller, other than its death.
  let halts = Locked<[String]>([])
  private let running = Locked(0)

  init(seed: UInt64, without rule: Rule? = nil) {
    machine = Machine(seed: seed)
    logs = SimulatedLogSink(machine)
    broker = SimulatedBroker(machine, without: rule)
    sink = SimulatedSink(machine, without: rule)
    recorded = Recorded(broker)
    broker.write([RecordEncoder(installation: Self.installation, epoch: 0).installation(sequence: 0)])
    let recorded = recorded
    sink.isQuiet = { recorded.isQuiet($0) }
  }

  deinit { end() }

  /// Everybody dies, so that nothing is left behind.
  func end() {
    for process in inOrder {
      process.process.whenSilent = {}
      process.process.die()
      process.task.cancel()
    }
    let running = running
    try? machine.run { running.withLock { $0 } == 0 }
    broker.changed = [:]
    broker.rebalanced = [:]
    sink.isQuiet = { _ in false }
  }

  var seed: UInt64 { machine.seed }

  // MARK: processes

  struct ControllerProcess {
    let process: SimulatedProcess
    let log: SimulatedLog
    let work: SimulatedWorkQueue
    let task: Task<Void, any Error>
  }

  var inOrder: [ControllerProcess] { processes.sorted { $0.key < $1.key }.map(\.value) }

  /// Starts a controller; one of the same name, which must be dead, comes back as the same member.
  @discardableResult
  func startController(
    _ name: String, diesAt effect: Int? = nil, losesAnswers: Int64? = nil, freezes: [Int: Int64] = [:],
    _ prepare: (SimulatedLog, SimulatedWorkQueue) -> Void = { _, _ in }
  ) -> ControllerProcess {
    let process = SimulatedProcess(name, machine)
    process.diesAt = effect
    process.freezes = freezes
    process.losesAnswers = losesAnswers
    endSessionOfSilent(process)
    let log = SimulatedLog(process, broker)
    log.losesAnswers = losesAnswers
    let work = SimulatedWorkQueue(process, sink)
    work.isRecorded = { [recorded] in recorded.knows($0) }
    work.stopping = { [recorded] in recorded.state.resources[$0]?.status.stopping }
    work.witness = { [witness] in witness.note($0) }
    work.claimInForce = { [recorded] in recorded.state.resources[$0]?.status.controller.claim }
    prepare(log, work)
    let started = ControllerProcess(
      process: process, log: log, work: work, task: start(name, controller(name, log, work)))
    processes[name] = started
    return started
  }

  private func controller(_ name: String, _ log: SimulatedLog, _ work: SimulatedWorkQueue) -> Controller {
    var settings = ControllerSettings()
    let machine = machine
    settings.jitter = { $0 / 2 + machine.draw(0...max(1, $0 / 2)) }
    return Controller(
      log: log, work: work, clock: SimulatedClock(machine: machine), naming: TopicNaming(), instance: name,
      settings: settings, logger: Logger(name, to: logs))
  }

  private func start(_ name: String, _ controller: Controller) -> Task<Void, any Error> {
    let (running, halts) = (running, halts)
    running.withLock { $0 += 1 }
    return machine.start {
      defer { running.withLock { $0 -= 1 } }
      do { try await controller.run() } catch {
        if !(error is SimulatedProcess.Crashed) { halts.withLock { $0.append("\(name): \(error)") } }
        throw error
      }
    }
  }

  /// No heartbeats come from the dead and the frozen.
  private func endSessionOfSilent(_ process: SimulatedProcess) {
    let (machine, broker) = (machine, broker)
    process.whenSilent = { [weak process] in
      machine.after(SimulatedBroker.sessionTimeout) { [weak process] in
        guard let process, process.isDead || process.isFrozen else { return }
        broker.expel(process.name, of: ObjectIdentifier(process))
      }
    }
    broker.noteProcess(process.name, ObjectIdentifier(process))
  }

  // MARK: commands

  @discardableResult
  func send(_ key: ResourceKey, _ command: String) -> Int64 {
    broker.send(RecordKey.resource(key).bytes, Array(command.utf8))
  }

  /// Two topics, mapped and enabled, with what they need.
  ///
  /// - Parameter id: of the command that creates it; after a deletion another one is needed.
  func sendRestore(id: String = "c1") {
    send(
      ResourceKey(.storage, name: "archive"),
      #"{"command":"Create","spec":{"volume":{"path":"/archive"}}}"#)
    send(
      ResourceKey(.eventHub, name: "cluster"),
      #"{"command":"Create","spec":{"kafka":{"properties":{"bootstrap.servers":"localhost:9092"}}}}"#)
    send(restore, "{\"command\":\"Create\",\"id\":\"\(id)\",\"spec\":{\"source\":\"archive\",\"sink\":\"cluster\"}}")
    send(restore, #"{"command":"MapTopic","source":"orders","target":"orders-copy"}"#)
    send(restore, #"{"command":"MapTopic","source":"payments","target":"payments-copy"}"#)
    send(restore, #"{"command":"Enable"}"#)
  }

  // MARK: what is recorded

  var latest: ControlState { recorded.state }
  func phase(_ key: ResourceKey) -> Phase? { latest.resources[key]?.status.phase }
  var isVerified: Bool { latest.resources[restore]?.status.condition(.verified)?.status == .true }

  func fold() throws -> StateDecoder {
    var decoder = StateDecoder()
    for topic in [ControlTopic.specs, .status] {
      for record in broker.committedRecords(of: topic) { try decoder.apply(record) }
    }
    return decoder
  }

  func events() throws -> [EventRecord] { try broker.committedRecords(of: .events).map { try EventRecord.decode($0) } }

  // MARK: letting things happen

  func runUntilVerified() throws {
    try machine.run { isVerified }
    try settle()
  }

  /// Until every command is answered, and every transaction ended.
  func settle() throws {
    try machine.run {
      (broker.committed?.offset ?? 0) > broker.lastCommand && !broker.isPositionInDoubt
        && ControlTopic.allCases.allSatisfy { broker.lastStableOffset(of: $0) == broker.end(of: $0) }
    }
  }
}

struct SimulatedClock: Clock {
  let machine: Machine
  func now() -> Instant { Instant(milliseconds: machine.now) }
  func sleep(milliseconds: Int64) async throws {
    await machine.pause(milliseconds)
    try Task.checkCancellation()
  }
}

/// Everything, when one seed is replayed.
final class SimulatedLogSink: LogSink {
  let level: LogLevel = Seeds.only == nil ? .error : .debug
  private let machine: Machine
  private let kept = Locked<[String]>([])

  init(_ machine: Machine) { self.machine = machine }

  var now: LogTime { LogTime(milliseconds: machine.now) }
  var lines: [String] { kept.withLock { $0 } }
  func write(_ line: String) { kept.withLock { $0.append(line) } }
}

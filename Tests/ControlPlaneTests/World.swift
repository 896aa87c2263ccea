import ControlPlane
import ControlTopics
import Logging
import RestoreModel
import Testing

struct SimulatedClock: RestoreClock {
  let simulation: Simulation
  func now() -> Instant { Instant(milliseconds: simulation.now) }
  func sleep(milliseconds: Int64) async throws {
    await simulation.pause(milliseconds)
    try Task.checkCancellation()
  }
}

typealias RestoreClock = ControlPlane.Clock

/// A cluster, a sink, and processes that come and go.
final class World {
  static let installation = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"

  let simulation: Simulation
  let broker = SimulatedBroker()
  let sink = SimulatedSink()
  let logs = MemoryLogSink(level: .info)
  let restore = ResourceKey(.restore, name: "orders")
  private(set) var processes: [SimulatedProcess] = []
  private(set) var tasks: [Task<Void, any Error>] = []

  init(seed: UInt64) {
    simulation = Simulation(seed: seed)
    broker.write([RecordEncoder(installation: Self.installation, epoch: 0).installation(sequence: 0)])
  }

  @discardableResult
  func startController(
    _ name: String, diesAt effect: Int? = nil, losesAnswers: Int64? = nil
  ) -> (process: SimulatedProcess, task: Task<Void, any Error>, work: SimulatedWorkQueue) {
    let process = SimulatedProcess(name, simulation)
    process.diesAt = effect
    let (simulation, broker) = (simulation, broker)
    process.whenDead = { simulation.after(10_000) { broker.remove(name) } }
    let log = SimulatedLog(process, broker)
    log.losesAnswers = losesAnswers
    var settings = ControllerSettings()
    settings.jitter = { $0 / 2 + simulation.draw(0...max(1, $0 / 2)) }
    let work = SimulatedWorkQueue(process, sink)
    let controller = Controller(
      log: log, work: work, clock: SimulatedClock(simulation: simulation),
      naming: TopicNaming(), instance: name, settings: settings, logger: Logger(name, to: logs))
    let task = simulation.start { try await controller.run() }
    processes.append(process)
    tasks.append(task)
    return (process, task, work)
  }

  @discardableResult
  func send(_ key: ResourceKey, _ command: String) -> Int64 {
    broker.now = simulation.now
    return broker.send(RecordKey.resource(key).bytes, Array(command.utf8))
  }

  /// Two topics, mapped and enabled, with what they need.
  func sendRestore() {
    send(
      ResourceKey(.storage, name: "archive"),
      #"{"command":"Create","spec":{"volume":{"path":"/archive"}}}"#)
    send(
      ResourceKey(.eventHub, name: "cluster"),
      #"{"command":"Create","spec":{"kafka":{"properties":{"bootstrap.servers":"localhost:9092"}}}}"#)
    send(restore, #"{"command":"Create","id":"c1","spec":{"source":"archive","sink":"cluster"}}"#)
    send(restore, #"{"command":"MapTopic","source":"orders","target":"orders-copy"}"#)
    send(restore, #"{"command":"MapTopic","source":"payments","target":"payments-copy"}"#)
    send(restore, #"{"command":"Enable"}"#)
  }

  func fold() throws -> StateDecoder {
    var decoder = StateDecoder()
    for topic in [ControlTopic.specs, .status] {
      for record in broker.committedRecords(of: topic) { try decoder.apply(record) }
    }
    return decoder
  }

  func phase(_ key: ResourceKey) -> Phase? { latest?.resources[key]?.status.phase }

  var isVerified: Bool { latest?.resources[restore]?.status.condition(.verified)?.status == .true }

  private var decoder = StateDecoder()
  private var version = -1
  private var read: [ControlTopic: Int64] = [:]

  /// The fold as of now; only what is new is read.
  var latest: ControlState? {
    guard version != broker.version else { return decoder.state }
    version = broker.version
    for topic in [ControlTopic.specs, .status] {
      for record in broker.committedRecords(of: topic, from: read[topic] ?? 0) {
        guard (try? decoder.apply(record)) != nil else { return nil }
        read[topic] = record.offset + 1
      }
    }
    return decoder.state
  }

  func runUntilVerified() throws {
    try simulation.run { isVerified }
    try settle()
  }

  /// Until every command is answered.
  func settle() throws {
    try simulation.run { (broker.committed?.offset ?? 0) >= broker.end(of: .commands) }
  }

  func events() throws -> [EventRecord] { try broker.committedRecords(of: .events).map { try EventRecord.decode($0) } }
}

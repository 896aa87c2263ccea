import ControlPlane
import ControlTopics
import JSON
import Kafka
import KafkaLog
import Logging
import RestoreModel
import TestSupport
import Threads

/// Control topics of a test's own on a shared broker, and controllers on them.
struct ControlPlaneInstallation {
  let broker: Broker
  let naming: TopicNaming
  let logs = MemoryLogSink(level: .debug)

  init(_ kind: BrokerKind) async throws {
    broker = try await Broker.shared(kind)
    naming = TopicNaming(prefix: uniqueName("control") + ".")
    _ = try await TopicsAdministration(settings()).create()
  }

  func settings(instance: String = "one") -> KafkaLogSettings {
    var settings = KafkaLogSettings(kafka: broker.configuration, naming: naming, instance: instance)
    settings.sessionTimeout = .seconds(10)
    return settings
  }

  /// - Parameter wrap: puts a log of the test's own between the controller and Kafka.
  func start(
    instance: String = "one", settings: ControllerSettings = ControllerSettings(),
    through wrap: (KafkaLog) -> any ControlLog = { $0 }
  ) async throws -> RunningController {
    let log = try await KafkaLog.open(self.settings(instance: instance), logger: Logger("log", to: logs))
    let work = IdleWorkQueue()
    let controller = Controller(
      log: wrap(log), work: work, clock: SystemClock(), naming: naming, instance: log.instance, settings: settings,
      logger: Logger("controller", to: logs))
    return RunningController(log: log, work: work, task: Task { try await controller.run() })
  }

  /// Sends one record as any Kafka client would and returns its offset.
  func send(key: [UInt8]?, value: [UInt8]?) async throws -> Int64 {
    let producer = try Producer(broker.configuration)
    let position = try await producer.send(
      OutgoingRecord(topic: naming.name(of: .commands), partition: 0, key: key, value: value))
    await producer.close()
    guard let offset = position.offset else { throw Missing(what: "the offset of a command") }
    return offset
  }

  /// Sends commands in order and returns the offset of the last.
  @discardableResult
  func send(_ commands: [(key: ResourceKey, value: String)]) async throws -> Int64 {
    let producer = try Producer(broker.configuration)
    let topic = naming.name(of: .commands)
    let positions = try await producer.send(
      commands.map {
        OutgoingRecord(topic: topic, partition: 0, key: Array($0.key.description.utf8), value: Array($0.value.utf8))
      })
    await producer.close()
    guard let offset = positions.last?.offset else { throw Missing(what: "the offset of a command") }
    return offset
  }

  /// Everything that enabled Restores of these names need to have a run; a run of theirs stays in `Initializing`, since nobody works.
  func enabled(_ names: [String]) -> [(key: ResourceKey, value: String)] {
    let supporting = [
      (ResourceKey(.storage, name: "archive"), #"{"command":"Create","spec":{"volume":{"path":"/archive"}}}"#),
      (
        ResourceKey(.eventHub, name: "cluster"),
        #"{"command":"Create","spec":{"kafka":{"properties":{"bootstrap.servers":"localhost:9092"}}}}"#
      ),
    ]
    return supporting
      + names.map { name in
        let config = #"{"topics":[{"source":"orders","target":"\#(name)-copy"}]}"#
        return (
          ResourceKey(.restore, name: name),
          #"{"command":"Create","spec":{"source":"archive","sink":"cluster","enabled":true,"config":\#(config)}}"#
        )
      }
  }

  func events() async throws -> [EventRecord] { try await EventReader(settings()).read() }

  /// The events that answer the command at an offset, once there is one.
  func outcomes(ofCommandAt offset: Int64) async throws -> [EventRecord] {
    var found: [EventRecord] = []
    _ = try await eventually {
      found = try await events().filter { $0.isOutcome(ofCommandAt: offset) }
      return !found.isEmpty
    }
    return found
  }

  struct Missing: Error { var what: String }
}

struct RunningController {
  let log: KafkaLog
  let work: IdleWorkQueue
  let task: Task<Void, any Error>

  /// In order: what SIGTERM does.
  func stop() async throws {
    task.cancel()
    try await task.value
  }

  /// As a killed process would end: the group hears nothing.
  func kill() async {
    await log.abandon()
    task.cancel()
    _ = await task.result
  }
}

/// Remembers what is wanted and does nothing of it.
final class IdleWorkQueue: WorkQueue {
  let facts: AsyncStream<Fact>
  let report: AsyncStream<Fact>.Continuation
  private let wanted = Locked<[ResourceKey: [WorkItem]]>([:])

  init() { (facts, report) = AsyncStream<Fact>.makeStream() }

  func items(for key: ResourceKey) -> [WorkItem] { wanted.withLock { $0[key] ?? [] } }
  func reconcile(_ key: ResourceKey, _ items: [WorkItem]) { wanted.withLock { $0[key] = items } }
  func stopAll() async { wanted.withLock { $0 = [:] } }
  func archivedTopics(in storage: StorageSpec, credentials: CredentialsSpec?) async -> Result<[TopicName], Rejection> {
    .success(["orders", "payments"])
  }
}

import ControlPlane
import ControlTopics
import Kafka
import KafkaLog
import LocalWork
import Logging
import RestoreEngine
import Shell

/// `thaw serve`: the controller, and the worker in the same process.
struct Service: Sendable {
  private let options: ServiceOptions
  private let logger: Logger
  private let tell: @Sendable (ServiceNews) -> Void

  init(_ options: ServiceOptions, _ logger: Logger, _ tell: @escaping @Sendable (ServiceNews) -> Void) {
    self.options = options
    self.logger = logger
    self.tell = tell
  }

  /// Returns after the task is cancelled and everything has stopped in order.
  func run() async throws {
    let place = ControlPlace(options.connection)
    var settings = place.settings
    settings.instance = options.instance
    settings.sessionTimeout = options.sessionTimeout
    let tell = tell
    try await place.translating {
      let log = try await KafkaLog.open(settings, logger: logger.named("log"))
      let instance = log.instance
      tell(.standsBy(instance: instance))
      let policy = EnginePolicy(
        volumeRoots: options.volumeRoots, secretRoots: options.secretRoots,
        environmentPrefix: options.secretEnvironmentPrefix, prefix: options.connection.topicPrefix,
        positionsRefresh: options.positionsRefresh)
      let work = InProcessWorkQueue(policy: policy, logger: logger.named("work"))
      try await Controller(
        log: AnnouncingLog(log: log) { tell(.owns(instance: instance)) }, work: work, clock: SystemClock(),
        naming: settings.naming,
        instance: instance, logger: logger.named("controller")
      ).run()
    }
  }
}

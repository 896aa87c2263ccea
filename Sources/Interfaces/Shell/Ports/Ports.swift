package import Kafka
package import Logging

/// The parts of the product that the command line drives but doesn't hold: the executable wires them.
package struct Ports: Sendable {
  package var client: @Sendable (Connection) async throws -> any ControlClient
  package var topics: @Sendable (Connection) async throws -> any ControlTopicsAdministrator
  /// Runs the service until the task is cancelled, then stops in order.
  package var serve:
    @Sendable (ServiceOptions, Logger, _ tell: @escaping @Sendable (ServiceNews) -> Void) async throws -> Void

  package init(
    client: @escaping @Sendable (Connection) async throws -> any ControlClient,
    topics: @escaping @Sendable (Connection) async throws -> any ControlTopicsAdministrator,
    serve:
      @escaping @Sendable (ServiceOptions, Logger, _ tell: @escaping @Sendable (ServiceNews) -> Void) async throws ->
      Void
  ) {
    self.client = client
    self.topics = topics
    self.serve = serve
  }
}

/// What a service tells its operator; both may come more than once.
package enum ServiceNews: Sendable {
  /// It has joined under this name, and waits for its turn.
  case standsBy(instance: String)
  case owns(instance: String)
}

/// Where the control topics are.
package struct Connection: Sendable {
  package var kafka: KafkaConfiguration
  package var topicPrefix: String
  package var timeout: Duration

  package init(kafka: KafkaConfiguration, topicPrefix: String, timeout: Duration) {
    self.kafka = kafka
    self.topicPrefix = topicPrefix
    self.timeout = timeout
  }
}

package struct ServiceOptions: Sendable {
  package var connection: Connection
  /// Nil: the lowest `<host>-<n>` that is free.
  package var instance: String?
  package var sessionTimeout: Duration
  /// How often positions of lanes at rest are committed again.
  package var positionsRefresh: Duration
  /// Directories that a Storage may read.
  package var volumeRoots: [String]
  /// Directories that a `…From` may read a file of.
  package var secretRoots: [String]
  /// What the name of an environment variable that a `…From` reads must begin with.
  package var secretEnvironmentPrefix: String

  package init(
    connection: Connection, instance: String?, sessionTimeout: Duration, positionsRefresh: Duration,
    volumeRoots: [String],
    secretRoots: [String], secretEnvironmentPrefix: String
  ) {
    self.connection = connection
    self.instance = instance
    self.sessionTimeout = sessionTimeout
    self.positionsRefresh = positionsRefresh
    self.volumeRoots = volumeRoots
    self.secretRoots = secretRoots
    self.secretEnvironmentPrefix = secretEnvironmentPrefix
  }
}

/// `thaw topics create` and `check`.
package protocol ControlTopicsAdministrator: Sendable {
  /// Creates what is missing, writes the installation's id; a second time it changes nothing. One line for each thing done, and
  /// what is not as it should be, though it works.
  func create() async throws -> (lines: [String], warnings: [String])
  /// What is wrong with the topics as they are, one sentence each; empty when nothing is.
  func check() async throws -> [String]
}

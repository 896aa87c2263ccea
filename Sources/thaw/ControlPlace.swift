import ControlPlane
import ControlTopics
import Kafka
import KafkaLog
import Shell

/// Where the control topics are, and errors from there in the command line's words.
struct ControlPlace: Sendable {
  let connection: Connection
  let settings: KafkaLogSettings

  init(_ connection: Connection) {
    self.connection = connection
    var settings = KafkaLogSettings(kafka: connection.kafka, naming: TopicNaming(prefix: connection.topicPrefix))
    settings.requestTimeout = connection.timeout
    self.settings = settings
  }

  /// Asked of the list of all topics: to look for one may create it on some brokers.
  func requireTopics() async throws {
    let (settings, naming) = (settings, settings.naming)
    let missing = try await translating {
      let admin = try Admin(settings.kafka)
      return try await admin.onThread { admin in
        defer { admin.close() }
        let cluster = try admin.describeCluster(timeout: settings.requestTimeout)
        return ControlTopic.allCases.map(naming.name).filter { cluster.topics[$0] == nil }
      }
    }
    guard missing.isEmpty else {
      throw ShellFailure(
        .refused,
        "\(connection.kafka.bootstrapServers): there is no topic \(missing.joined(separator: ", ")); create the control "
          + "topics with `thaw topics create`, or name others with --topic-prefix")
    }
  }

  func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch { throw translated(error) }
  }

  func translated(_ error: any Error) -> any Error {
    switch error {
    case is CancellationError, is ShellFailure: return error
    case let corrupt as CorruptLog: return ShellFailure(.refused, corrupt.described(in: settings.naming))
    case let failure as ControlLogFailure: return ShellFailure(.refused, failure.message)
    default:
      return ShellFailure(
        translating: error, broker: connection.kafka.bootstrapServers, within: connection.timeout)
    }
  }

  func translating<Element: Sendable>(
    _ stream: @escaping @Sendable () -> AsyncThrowingStream<Element, any Error>
  ) -> AsyncThrowingStream<Element, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          for try await element in stream() { continuation.yield(element) }
          continuation.finish()
        } catch { continuation.finish(throwing: translated(error)) }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}

import ControlTopics
import Kafka
import KafkaLog
import RestoreModel
import Shell

/// The control topics as the command line sees them.
struct KafkaControlClient: ControlClient {
  let place: ControlPlace

  init(_ place: ControlPlace) { self.place = place }

  func submit(_ commands: [AddressedCommand]) async throws -> [Result<Int64?, ShellFailure>] {
    try await withClient { client in
      await client.send(commands.map { NewCommand($0.key, $0.message) }).map { $0.mapError(failure) }
    }
  }

  func decide(_ commands: [AddressedCommand], timeout: Duration) async throws -> [Answer] {
    try await withClient { client in
      let commands = commands.map { NewCommand($0.key, $0.message) }
      return try await client.answers(to: commands, timeout: timeout).map { answer in
        switch answer {
        case .decided(let decided): .decided(decided.outcome)
        case .undecided(let undecided): .undecided(offset: undecided.offset)
        case .unsent(let error): .undelivered(failure(error))
        }
      }
    }
  }

  private func failure(_ error: any Error) -> ShellFailure {
    ShellFailure(
      translating: error, broker: place.connection.kafka.bootstrapServers, within: place.connection.timeout)
  }

  func resources() async throws -> [ResourceKey: Resource] {
    try await place.translating { Self.dictionary(try await StateReader(place.settings).snapshot()) }
  }

  func states() -> AsyncThrowingStream<[ResourceKey: Resource], any Error> {
    let settings = place.settings
    return place.translating {
      AsyncThrowingStream { continuation in
        let task = Task {
          do {
            for try await decoder in StateReader(settings).follow() { continuation.yield(Self.dictionary(decoder)) }
            continuation.finish()
          } catch { continuation.finish(throwing: error) }
        }
        continuation.onTermination = { _ in task.cancel() }
      }
    }
  }

  func events(from offset: Int64, of key: ResourceKey?, follow: Bool) -> AsyncThrowingStream<EventRecord, any Error> {
    let reader = EventReader(place.settings)
    return place.translating {
      guard !follow else { return reader.follow(from: offset, key: key) }
      return AsyncThrowingStream { continuation in
        let task = Task {
          do {
            for event in try await reader.read(from: offset, key: key) { continuation.yield(event) }
            continuation.finish()
          } catch { continuation.finish(throwing: error) }
        }
        continuation.onTermination = { _ in task.cancel() }
      }
    }
  }

  private static func dictionary(_ decoder: StateDecoder) -> [ResourceKey: Resource] {
    Dictionary(uniqueKeysWithValues: decoder.state.resources.map { ($0.key, $0.value) })
  }

  func audit(of key: ResourceKey?, until offset: Int64?) async throws -> AuditReport {
    try await place.translating { try await AuditReader(place.settings).audit(of: key, until: offset) }
  }

  private func withClient<Value>(_ body: (CommandClient) async throws -> Value) async throws -> Value {
    try await place.translating {
      let client = try CommandClient(place.settings)
      do {
        let value = try await body(client)
        await client.close()
        return value
      } catch {
        await client.close()
        throw error
      }
    }
  }
}

import ControlTopics
import RestoreModel
import Shell
import Threads

/// Control topics in memory: answers each command with what the test says.
final class FakeControlClient: ControlClient {
  struct Sent: Hashable {
    var key: ResourceKey
    var message: CommandMessage
  }

  private struct State {
    var sent: [Sent] = []
  }

  private let state = Locked(State())
  private let known: [[Resource]]
  private let audited: AuditReport
  private let answer: @Sendable (Sent) -> Event.Content?

  /// - Parameters:
  ///   - known: what is there.
  ///   - later: what `states` brings after it.
  ///   - audited: what an audit finds.
  ///   - answer: the outcome of a command; nil: nobody decides.
  init(
    _ known: [Resource] = [], then later: [[Resource]] = [], audited: AuditReport = AuditReport(),
    answer: @escaping @Sendable (Sent) -> Event.Content? = { _ in nil }
  ) {
    self.known = [known] + later
    self.audited = audited
    self.answer = answer
  }

  var sent: [Sent] { state.withLock { $0.sent } }

  func submit(_ command: CommandMessage, to key: ResourceKey) async throws -> Int64? {
    state.withLock { state in
      state.sent.append(Sent(key: key, message: command))
      return Int64(state.sent.count - 1)
    }
  }

  func decide(_ command: CommandMessage, of key: ResourceKey, timeout: Duration) async throws -> Answer {
    guard let offset = try await submit(command, to: key) else { return .undecided(offset: nil) }
    let answered = answer(Sent(key: key, message: command)).map { Samples.event(at: offset, key, $0) }
    return answered.map { .decided($0) } ?? .undecided(offset: offset)
  }

  func audit(of key: ResourceKey?, until offset: Int64?) async throws -> AuditReport {
    var report = audited
    report.key = key
    report.isHeadCompared = offset == nil
    return report
  }

  func resources() async throws -> [ResourceKey: Resource] { Self.keyed(known[0]) }

  /// A real stream goes on; here it ends, since a test that came so far would wait for ever.
  func states() -> AsyncThrowingStream<[ResourceKey: Resource], any Error> {
    AsyncThrowingStream { stream in
      for state in known { stream.yield(Self.keyed(state)) }
      stream.finish()
    }
  }

  private static func keyed(_ resources: [Resource]) -> [ResourceKey: Resource] {
    Dictionary(resources.map { ($0.key, $0) }) { $1 }
  }

  func events(from offset: Int64, of key: ResourceKey?, follow: Bool) -> AsyncThrowingStream<EventRecord, any Error> {
    AsyncThrowingStream { stream in
      for (index, content) in Samples.history.enumerated() where index >= offset {
        if key == nil || key == Samples.orders {
          stream.yield(Samples.event(at: Int64(index), Samples.orders, content))
        }
      }
      stream.finish()
    }
  }
}

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
    var calls = 0
    var streams = 0
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

  /// How often commands were handed over, any number at a time.
  var calls: Int { state.withLock { $0.calls } }
  /// How often the states were followed.
  var streams: Int { state.withLock { $0.streams } }
  var sent: [Sent] { state.withLock { $0.sent } }

  func submit(_ commands: [AddressedCommand]) async throws -> [Result<Int64?, ShellFailure>] {
    state.withLock { state in
      state.calls += 1
      return commands.map { command in
        state.sent.append(Sent(key: command.key, message: command.message))
        return .success(Int64(state.sent.count - 1))
      }
    }
  }

  func decide(_ commands: [AddressedCommand], timeout: Duration) async throws -> [Answer] {
    zip(commands, try await submit(commands)).map { command, sent in
      guard case .success(let offset?) = sent else { return .undecided(offset: nil) }
      let answered = answer(Sent(key: command.key, message: command.message)).map {
        Samples.event(at: offset, command.key, $0)
      }
      return answered.map { .decided($0) } ?? .undecided(offset: offset)
    }
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
    state.withLock { $0.streams += 1 }
    return AsyncThrowingStream { stream in
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

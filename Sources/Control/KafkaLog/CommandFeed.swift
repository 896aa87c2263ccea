import ControlPlane
import ControlTopics
import Glibc
import Kafka
import Threads

/// Reads `commands` on a thread of its own and keeps a bounded number of them ready.
final class CommandFeed: Sendable {
  private struct State {
    var ready: [ControlRecord] = []
    var failure: KafkaError?
    var isWoken = false
    var isStarted = false
    var isClosing = false
    var hasEnded = false
  }

  private static let readyAtMost = 5000

  private let settings: KafkaLogSettings
  private let state = Locked(State())
  private let bell = Doorbell()
  private let ended = Doorbell()

  init(_ settings: KafkaLogSettings) { self.settings = settings }

  func start(at offset: Int64) throws {
    let consumer = try Consumer(settings.kafka, isolation: .readCommitted)
    try consumer.start(settings.partition(.commands), at: .offset(offset))
    state.withLock { $0.isStarted = true }
    try NamedThread.start("thaw-commands") { [self] in read(consumer) }
  }

  func wake() {
    state.withLock { $0.isWoken = true }
    bell.ring()
  }

  /// At most `max`, in order; none after a call of `wake`, a cancellation, or a second.
  func next(max: Int) async throws -> [ControlRecord] {
    if !hasSomething { await bell.wait(atMost: .seconds(1)) }
    return try state.withLock { state in
      state.isWoken = false
      let batch = Array(state.ready.prefix(max))
      state.ready.removeFirst(batch.count)
      if batch.isEmpty, let failure = state.failure { throw TermEnded("reading commands: \(failure)") }
      return batch
    }
  }

  func close() async {
    let isRunning = state.withLock { state in
      state.isClosing = true
      return state.isStarted
    }
    guard isRunning else { return }
    while !state.withLock({ $0.hasEnded }) { await ended.waitUncancelled() }
  }

  private var hasSomething: Bool { state.withLock { $0.isWoken || !$0.ready.isEmpty || $0.failure != nil } }

  private func read(_ consumer: Consumer) {
    while !state.withLock({ $0.isClosing }) {
      guard state.withLock({ $0.ready.count < Self.readyAtMost }) else {
        usleep(10_000)
        continue
      }
      do { take(try consumer.poll(max: 1000, timeout: .milliseconds(100))) } catch {
        fail((error as? KafkaError) ?? KafkaError(.failed, "\(error)"))
        break
      }
    }
    consumer.close()
    state.withLock { $0.hasEnded = true }
    ended.ring()
  }

  private func take(_ events: [ConsumerEvent]) {
    var records: [ControlRecord] = []
    for event in events {
      switch event {
      case .record(let record): records.append(ControlRecord(record, of: .commands))
      case .failed(_, let error) where error.isPermanentForReader: fail(error)
      case .failed, .endOfPartition: continue
      }
    }
    guard !records.isEmpty else { return }
    state.withLock { $0.ready += records }
    bell.ring()
  }

  private func fail(_ error: KafkaError) {
    state.withLock { $0.failure = $0.failure ?? error }
    bell.ring()
  }
}

import ControlPlane
import ControlTopics
import RestoreModel
import Threads

/// A log in memory that costs nothing: what is left is the control plane's own work.
final class MemoryLog: ControlLog, OwnerTerm {
  private struct State {
    var commands: [ControlRecord] = []
    var transactions = 0
    var records = 0
    var decidedThrough: Int64 = -1
    var offsets: [ControlTopic: Int64] = [:]
    var hasBegun = false
    var waiting: CheckedContinuation<Void, Never>?
    var expected: Int64 = -1
    var isWoken = false
    var sleeper: CheckedContinuation<Void, Never>?
  }

  private let topics: [ControlTopic: [ControlRecord]]
  private let state = Locked(State())

  init(_ count: Int) {
    let (specs, status) = Sample.records(count)
    func numbered(_ records: [OutgoingControlRecord]) -> [ControlRecord] {
      records.enumerated().map { ControlRecord($1, offset: Int64($0), timestamp: 0) }
    }
    topics = [.specs: numbered(specs), .status: numbered(status), .events: []]
  }

  var transactions: Int { state.withLock { $0.transactions } }
  var records: Int { state.withLock { $0.records } }

  /// Hands commands over and returns when all are decided.
  func decide(_ commands: [ControlRecord]) async {
    await withCheckedContinuation { continuation in
      let sleeper = state.withLock { state in
        state.commands += commands
        state.expected = commands.last?.offset ?? -1
        state.waiting = continuation
        defer { state.sleeper = nil }
        return state.sleeper
      }
      sleeper?.resume()
    }
  }

  // MARK: ControlLog

  func takeOver() async throws -> any OwnerTerm { self }
  func leave() async {}

  // MARK: OwnerTerm

  var committed: CommandsPosition? { nil }
  var maxMessageBytes: Int { 4_194_304 }
  var blocked: BlockedPartition? { get async { nil } }
  func prove() async throws {}

  func extent(of topic: ControlTopic) async throws -> TopicExtent {
    TopicExtent(first: 0, end: Int64(topics[topic]?.count ?? 0))
  }

  func replay(
    _ topic: ControlTopic, from offset: Int64?, _ body: @escaping @Sendable ([ControlRecord]) throws -> Void
  ) async throws -> Int64 {
    try body(topics[topic] ?? [])
    return Int64(topics[topic]?.count ?? 0)
  }

  func startCommands(at offset: Int64) async throws {}

  func nextCommands(max: Int) async throws -> [ControlRecord] {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard state.commands.isEmpty, !state.isWoken, !Task.isCancelled else { return true }
          state.sleeper = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
    return state.withLock { state in
      state.isWoken = false
      let batch = Array(state.commands.prefix(max))
      state.commands.removeFirst(batch.count)
      return batch
    }
  }

  func wake() {
    let sleeper = state.withLock { state in
      state.isWoken = true
      defer { state.sleeper = nil }
      return state.sleeper
    }
    sleeper?.resume()
  }

  func commit(
    _ records: [OutgoingControlRecord], position: Int64,
    metadata: @escaping @Sendable (_ written: [ControlTopic: Int64]) -> String
  ) async throws -> [ControlTopic: Int64] {
    let (written, waiting) = state.withLock { state in
      state.transactions += 1
      state.records += records.count
      for record in records { state.offsets[record.topic, default: Int64(topics[record.topic]?.count ?? 0)] += 1 }
      let waiting = position > state.expected ? state.waiting : nil
      if waiting != nil { state.waiting = nil }
      return (state.offsets, waiting)
    }
    _ = metadata(written)
    waiting?.resume()
    return written
  }
}

/// Remembers nothing and does nothing.
final class NoWork: WorkQueue {
  let facts: AsyncStream<Fact>
  private let continuation: AsyncStream<Fact>.Continuation
  init() { (facts, continuation) = AsyncStream<Fact>.makeStream() }
  func reconcile(_ key: ResourceKey, _ items: [WorkItem]) {}
  func stopAll() async {}
  func archivedTopics(in storage: StorageSpec, credentials: CredentialsSpec?) async -> Result<[TopicName], Rejection> {
    .success([])
  }
}

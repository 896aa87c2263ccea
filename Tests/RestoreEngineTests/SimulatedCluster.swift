import Kafka
import TestSupport
import Threads

/// A sink cluster that honestly does transactions, fencing, positions of groups and read-committed, and lies where a test tells it to.
final class SimulatedCluster: Sendable {
  enum Operation: String, CaseIterable, Hashable, Sendable {
    case takeOver, positions, begin, poll, drain, sendPositions, commit
  }

  enum Fault: Sendable {
    /// The request never arrived.
    case lostBefore
    /// It was done, and the answer is lost.
    case lostAfter
    /// What was on its way was given up, for a reason that the client doesn't know yet.
    case purged
  }

  struct Entry: Sendable {
    enum Fate { case open, committed, aborted }
    var offset: Int64
    var record: TestRecord
    var transaction: Int
    var fate: Fate
  }

  private struct Transaction {
    var number: Int
    var positions: [String: [TopicPartition: CommittedPosition]] = [:]
  }

  private struct State {
    var epochs: [String: Int] = [:]
    var open: [String: Transaction] = [:]
    var transactions = 0
    var logs: [TopicPartition: [Entry]] = [:]
    var ends: [TopicPartition: Int64] = [:]
    var positions: [String: [TopicPartition: CommittedPosition]] = [:]
    var calls = 0
  }

  private let state = Locked(State())
  /// Asked at every call, which are counted.
  private let fault: @Sendable (Operation, Int) -> Fault?

  init(fault: @escaping @Sendable (Operation, Int) -> Fault? = { _, _ in nil }) { self.fault = fault }

  /// What a reader of committed records sees.
  func visible(_ partition: TopicPartition) -> [Entry] {
    state.withLock { $0.logs[partition, default: []].filter { $0.fate == .committed } }
  }

  var sentAnything: Bool { state.withLock { state in state.logs.values.contains { !$0.isEmpty } } }

  func positions(_ group: String) -> [TopicPartition: CommittedPosition] {
    state.withLock { $0.positions[group] ?? [:] }
  }

  func change(_ group: String, _ body: (inout [TopicPartition: CommittedPosition]) -> Void) {
    state.withLock { body(&$0.positions[group, default: [:]]) }
  }

  /// As when a topic is deleted and made anew under its name, on a broker that keeps its positions.
  func makeAnew(_ topic: String) {
    state.withLock { state in
      for partition in state.ends.keys where partition.topic == topic {
        (state.ends[partition], state.logs[partition]) = (0, [])
      }
    }
  }

  private func call<Result>(
    _ operation: Operation, _ body: (inout State) throws(KafkaError) -> Result
  ) throws(KafkaError) -> Result {
    try state.withLock { state throws(KafkaError) in
      state.calls += 1
      let fault = fault(operation, state.calls)
      if case .lostBefore = fault { throw KafkaError(.timedOut, "\(operation) was lost") }
      if case .purged = fault { throw KafkaError(.purgedFromQueue, "Local: Purged in queue") }
      let result = try body(&state)
      if case .lostAfter = fault { throw KafkaError(.timedOut, "the answer of \(operation) was lost") }
      return result
    }
  }

  private static func checkFence(_ state: State, _ id: String, _ epoch: Int) throws(KafkaError) {
    guard state.epochs[id] == epoch else { throw KafkaError(.fenced, "\(id) was fenced", isFatal: true) }
  }

  func takeOver(_ id: String) throws(KafkaError) -> Int {
    try call(.takeOver) { state in
      if let transaction = state.open.removeValue(forKey: id) { Self.end(transaction, .aborted, &state) }
      state.epochs[id, default: 0] += 1
      return state.epochs[id] ?? 0
    }
  }

  func fetch(_ partitions: [TopicPartition], _ group: String) throws(KafkaError) -> [TopicPartition: CommittedPosition]
  {
    try call(.positions) { state throws(KafkaError) in
      if state.open.values.contains(where: { $0.positions[group] != nil }) {
        throw KafkaError(.unstableOffsetCommit, "a transaction is open")
      }
      return (state.positions[group] ?? [:]).filter { partitions.contains($0.key) }
    }
  }

  func begin(_ id: String, _ epoch: Int) throws(KafkaError) {
    try call(.begin) { state throws(KafkaError) in
      try Self.checkFence(state, id, epoch)
      state.transactions += 1
      state.open[id] = Transaction(number: state.transactions)
    }
  }

  /// How often the transactional id was taken over.
  func epoch(_ id: String) -> Int { state.withLock { $0.epochs[id] ?? 0 } }

  func touch(_ operation: Operation) throws(KafkaError) { try call(operation) { _ in } }

  /// Returns the record's offset.
  func append(
    _ record: TestRecord, to partition: TopicPartition, _ id: String, _ epoch: Int
  ) throws(KafkaError) -> Int64 {
    try state.withLock { state throws(KafkaError) in
      try Self.checkFence(state, id, epoch)
      let offset = state.ends[partition] ?? 0
      state.ends[partition] = offset + 1
      state.logs[partition, default: []].append(
        Entry(offset: offset, record: record, transaction: state.open[id]?.number ?? 0, fate: .open))
      return offset
    }
  }

  func send(
    _ positions: [TopicPartition: CommittedPosition], _ group: String, _ id: String, _ epoch: Int
  ) throws(KafkaError) {
    try call(.sendPositions) { state throws(KafkaError) in
      try Self.checkFence(state, id, epoch)
      state.open[id]?.positions[group, default: [:]].merge(positions) { $1 }
    }
  }

  func commit(_ id: String, _ epoch: Int) throws(KafkaError) {
    try call(.commit) { state throws(KafkaError) in
      try Self.checkFence(state, id, epoch)
      guard let transaction = state.open.removeValue(forKey: id) else {
        throw KafkaError(.state, "no transaction is open")
      }
      Self.end(transaction, .committed, &state)
    }
  }

  func abort(_ id: String, _ epoch: Int) throws(KafkaError) {
    try state.withLock { state throws(KafkaError) in
      try Self.checkFence(state, id, epoch)
      if let transaction = state.open.removeValue(forKey: id) { Self.end(transaction, .aborted, &state) }
    }
  }

  func end(of partition: TopicPartition) -> Int64 { state.withLock { $0.ends[partition] ?? 0 } }

  private static func end(_ transaction: Transaction, _ fate: Entry.Fate, _ state: inout State) {
    for partition in state.logs.keys {
      var touched = false
      for index in state.logs[partition, default: []].indices
      where state.logs[partition]?[index].transaction == transaction.number {
        state.logs[partition]?[index].fate = fate
        touched = true
      }
      // The marker takes an offset.
      if touched { state.ends[partition, default: 0] += 1 }
    }
    guard fate == .committed else { return }
    for (group, positions) in transaction.positions {
      state.positions[group, default: [:]].merge(positions) { $1 }
    }
  }
}

package import ControlTopics
import Threads

/// One fold of `specs` and `status`, each of which a thread of its own reads.
///
/// Reading a record is most of the work and needs nothing of what was folded before. Of a long topic it is left to a few threads, many records at a time,
/// so that all cores share in the longer topic too. What was read is applied in its topic's order.
package final class SharedFold: Sendable {
  private let order = Locked(FoldOrder())
  private let workers = FoldWorkers()

  package init() {}

  /// To be called once for each topic.
  package func part() -> Part { Part(order.withLock { $0.addPart() }, order, workers) }

  /// What the parts have applied so far.
  package var folded: StateDecoder { order.withLock { $0.decoder } }

  /// Ends its threads, whatever they are at.
  package func close() { workers.stop() }

  /// One topic's records, in their order. Used by one thread at a time.
  package final class Part: Sendable {
    private struct State {
      var records = 0
      /// Blocks of records handed on.
      var blocks = 0
      var hasHelp = false
    }

    static let blockSize = 256
    /// As many are read by the thread that has them: to start others would cost more.
    static let recordsWithoutHelp = 4096

    private let number: Int
    private let order: Locked<FoldOrder>
    private let workers: FoldWorkers
    private let state = Locked(State())

    fileprivate init(_ number: Int, _ order: Locked<FoldOrder>, _ workers: FoldWorkers) {
      self.number = number
      self.order = order
      self.workers = workers
    }

    /// Blocks its thread while too much waits. Throws `CorruptLog` for one of these records or an earlier one; on a topic long enough for others to read it,
    /// perhaps only when it is called again.
    package func take(_ records: [ControlRecord]) throws {
      for start in stride(from: 0, to: records.count, by: Self.blockSize) {
        try handOn(records[start..<min(start + Self.blockSize, records.count)])
      }
    }

    /// To be called after the last record: returns when all are applied. Throws what `take` throws, or `CancellationError` when the fold was closed.
    package func finish() async throws {
      if state.withLock({ $0.hasHelp }) {
        let (workers, number) = (workers, number)
        try await NamedThread.run("thaw-fold") { workers.wait(for: number, atMost: 0) }
      }
      let blocks = state.withLock { $0.blocks }
      try order.withLock { order in
        try order.check(number)
        guard order.isApplied(blocks, of: number) else { throw CancellationError() }
      }
    }

    private func handOn(_ records: ArraySlice<ControlRecord>) throws {
      let (block, mayHelp) = state.withLock { state in
        defer { (state.records, state.blocks) = (state.records + records.count, state.blocks + 1) }
        return (state.blocks, state.records >= Self.recordsWithoutHelp)
      }
      let (order, number) = (order, number)
      let read: @Sendable () -> Void = {
        let read = ReadBlock(records)
        order.withLock { $0.apply(read, block: block, of: number) }
      }
      if mayHelp, workers.take(read, for: number) {
        state.withLock { $0.hasHelp = true }
      } else {
        read()
      }
      try order.withLock { try $0.check(number) }
    }
  }
}

/// A topic's records, one after the other, up to the first that can't be read.
struct ReadBlock: Sendable {
  private(set) var records: [StateRecord] = []
  private(set) var failure: CorruptLog?

  init(_ found: some Collection<ControlRecord>) {
    records.reserveCapacity(found.count)
    do throws(CorruptLog) {
      for record in found { if let record = try StateRecord(record) { records.append(record) } }
    } catch { failure = error }
  }
}

/// What has been applied, and what was read too early: its topic's earlier blocks come first.
struct FoldOrder {
  private struct Part {
    var next = 0
    var early: [Int: ReadBlock] = [:]
    var failure: CorruptLog?
  }

  private(set) var decoder = StateDecoder()
  private var parts: [Part] = []

  mutating func addPart() -> Int {
    parts.append(Part())
    return parts.count - 1
  }

  /// Throws what the first record that can't be folded fails in.
  func check(_ part: Int) throws(CorruptLog) {
    if let failure = parts[part].failure { throw failure }
  }

  func isApplied(_ blocks: Int, of part: Int) -> Bool { parts[part].next == blocks }

  mutating func apply(_ read: ReadBlock, block: Int, of part: Int) {
    parts[part].early[block] = read
    while parts[part].failure == nil, let due = parts[part].early.removeValue(forKey: parts[part].next) {
      parts[part].next += 1
      do throws(CorruptLog) {
        for record in due.records { try decoder.apply(record) }
        parts[part].failure = due.failure
      } catch { parts[part].failure = error }
    }
  }
}

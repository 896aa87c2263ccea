import ColdStorage
import RestoreModel
import Threads

/// The reader's thread of a lane: reads, checks and inflates batches into a fixed number of slots, in turn over the partitions that are
/// read, ahead of the thread that sends them. Memory is bounded: it waits for slots to come back.
final class ReadAhead: Sendable {
  struct Source: Sendable {
    /// Index of the lane's partition.
    var partition: Int
    var archive: ArchivedTopic
    var number: Int32
    var selection: Selection
  }

  enum Item: Sendable {
    case batch(LoadedBatch)
    /// Everything selected of the partition has been handed over.
    case end(partition: Int)
    /// Nothing more comes.
    case failed(WorkInterruption)
  }

  private struct State {
    var sources: [Source] = []
    /// The slot used last is the first to be used again: its memory is warm, and has its size.
    var free: [LoadedBatch]
    var ready: [Item] = []
    /// Index of the first item of `ready` that was not taken.
    var next = 0
    /// Bytes of slots that are not free.
    var held = 0
    /// Bytes of all slots.
    var retained = 0
    var isClosed = false
    var hasEnded = false
  }

  private let state: Monitor<State>
  private let memory: Int
  private let window: Int

  /// - Parameters:
  ///   - memory: bytes of inflated records, beyond a single batch.
  ///   - window: bytes that are read at once of each partition.
  init(slots: Int, memory: Int, window: Int, name: String) throws(WorkInterruption) {
    self.memory = memory
    self.window = window
    do {
      var free: [LoadedBatch] = []
      for slot in (0..<slots).reversed() { free.append(try LoadedBatch(slot: slot)) }
      state = Monitor(State(free: free))
      try NamedThread.start("read-\(name)") { [self] in read() }
    } catch {
      throw WorkInterruption(error, doing: "starting to read ahead")
    }
  }

  func start(_ source: Source) { state.change { $0.sources.append(source) } }

  /// What is ready, in order; waits up to `timeout` for it.
  func next(timeout: Duration = .zero) -> Item? {
    guard timeout > .zero else { return state.change { Self.take(&$0) } }
    return state.wait(timeout: timeout) { Self.take(&$0) }
  }

  func isReady(within timeout: Duration) -> Bool {
    state.wait(timeout: timeout) { $0.next < $0.ready.count ? true : nil } ?? false
  }

  private static func take(_ state: inout State) -> Item? {
    guard state.next < state.ready.count else { return nil }
    let item = state.ready[state.next]
    state.next += 1
    if state.next == state.ready.count {
      state.ready.removeAll(keepingCapacity: true)
      state.next = 0
    }
    return item
  }

  /// Gives slots back whose memory nobody looks at any more.
  func release(_ batches: some Sequence<LoadedBatch>) {
    state.change { state in
      for batch in batches {
        let size = batch.capacity
        state.held -= size
        if state.retained > 2 * memory, size > Self.small, (try? batch.shrink()) != nil {
          state.retained -= size - batch.capacity
        }
        state.free.append(batch)
      }
    }
  }

  private static let small = 64 << 10

  /// Returns when the thread has ended.
  func close() {
    state.change { $0.isClosed = true }
    _ = state.wait { $0.hasEnded ? true : nil }
  }
}

// The thread.
extension ReadAhead {
  private enum Order {
    case close
    case open([Source])
    case load(LoadedBatch)
  }

  private func read() {
    defer { state.change { $0.hasEnded = true } }
    do {
      let inflater = try BatchInflater()
      var readers: [(source: Source, reader: PartitionReader)] = []
      var turn = 0
      while let order = order(hasReaders: !readers.isEmpty) {
        switch order {
        case .close: return
        case .open(let sources):
          for source in sources {
            readers.append((source, try source.archive.reader(source.number, source.selection, window: window)))
          }
        case .load(let slot):
          turn %= readers.count
          let (source, reader) = readers[turn]
          if try load(slot, source, reader, inflater) {
            turn += 1
          } else {
            readers.remove(at: turn)
          }
        }
      }
    } catch {
      let interruption = WorkInterruption(error, doing: "reading the archive")
      state.change { $0.ready.append(.failed(interruption)) }
    }
  }

  private func order(hasReaders: Bool) -> Order? {
    state.wait { state in
      if state.isClosed { return .close }
      if !state.sources.isEmpty {
        defer { state.sources = [] }
        return .open(state.sources)
      }
      guard hasReaders, state.held < memory, let slot = state.free.popLast() else { return nil }
      return .load(slot)
    }
  }

  /// False when the partition has ended.
  private func load(
    _ slot: LoadedBatch, _ source: Source, _ reader: PartitionReader, _ inflater: BatchInflater
  ) throws(ArchiveError) -> Bool {
    guard let batch = try reader.next() else {
      state.change { state in
        state.free.append(slot)
        state.ready.append(.end(partition: source.partition))
      }
      return false
    }
    let before = slot.capacity
    try slot.load(batch, of: source.partition, source.selection, inflater)
    state.change { state in
      state.retained += slot.capacity - before
      state.held += slot.capacity
      state.ready.append(.batch(slot))
    }
    return true
  }
}

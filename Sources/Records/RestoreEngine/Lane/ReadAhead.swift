import ColdStorage
import RestoreModel
import Threads

/// The reader's thread of a lane: reads, checks and prepares batches in a fixed number of slots, in turn over the partitions that are
/// read, ahead of the thread that sends them. Memory is bounded: it waits for slots to come back.
///
/// It begins with few bytes ahead, and takes more when the sender had to wait for them: memory that is used for the first time costs more than
/// reading into it, and a batch is still in the processor's cache when it is sent soon.
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
    /// As many may be held, if the lane's share of the memory allows it.
    var depth: Int
    /// The reader has waited for slots to come back since the depth was changed.
    var wasFull = false
    /// Bytes of all slots.
    var retained = 0
    /// Of the sources; what was read for an earlier one is of no use.
    var generation = 0
    var isClosed = false
    var hasEnded = false
  }

  private let state: Monitor<State>
  private let memory: MemoryShare
  private let window: Int
  private let form: BatchForm

  /// - Parameters:
  ///   - form: what the slots are filled with.
  ///   - memory: bounds the slots in use, beyond a single batch.
  ///   - depth: how many bytes are read ahead to begin with.
  ///   - window: bytes that are read at once of each partition.
  init(
    _ form: BatchForm, slots: Int, memory: MemoryShare, depth: Int = firstDepth, window: Int, name: String
  ) throws(WorkInterruption) {
    self.form = form
    self.memory = memory
    self.window = window
    do {
      var free: [LoadedBatch] = []
      for slot in (0..<slots).reversed() { free.append(try LoadedBatch(slot: slot)) }
      state = Monitor(State(free: free, depth: depth))
      memory.enter()
      do { try NamedThread.start("read-\(name)") { [self] in read() } } catch {
        memory.leave()
        throw error
      }
    } catch {
      throw WorkInterruption(error, doing: "starting to read ahead")
    }
  }

  func start(_ source: Source) { state.change { $0.sources.append(source) } }

  /// What is ready, in order; waits up to `timeout` for it.
  func next(timeout: Duration = .zero) -> Item? {
    // Wakes nobody: the reader waits for slots, which come back by `release`.
    state.wait(timeout: timeout) { Self.take(&$0) }
  }

  /// The sink could send more than there is: if it was the depth that held the reader back, it reads further ahead from now on.
  func fallsShort() {
    guard state.read({ $0.wasFull && $0.depth < memory.bytes }) else { return }
    state.change { state in
      state.depth *= 2
      state.wasFull = false
    }
  }

  /// What is held, and whether the reader waits for some of it to come back.
  var level: (bytes: Int, isFull: Bool) { state.read { ($0.held, $0.wasFull) } }

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
        if state.retained > 2 * memory.bytes, size > Self.small, (try? batch.shrink()) != nil {
          state.retained -= size - batch.capacity
        }
        state.free.append(batch)
      }
    }
  }

  /// Forgets what was read ahead and all sources: what is wanted of them is to be started again.
  func restart() {
    state.change { state in
      for item in state.ready[state.next...] {
        guard case .batch(let batch) = item else { continue }
        state.held -= batch.capacity
        state.free.append(batch)
      }
      state.ready.removeAll { if case .failed = $0 { false } else { true } }
      state.next = 0
      state.sources = []
      state.generation += 1
    }
  }

  private static let small = 64 << 10
  /// Enough for a broker nearby: with one partition five batches are on their way at most, of 1 MB each as a rule.
  static let firstDepth = 8 << 20

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
    case open([Source], generation: Int)
    case load(LoadedBatch)
  }

  private struct Feeding {
    var generation: Int
    var feeds: [(source: Source, feed: any BatchFeed)] = []
    var turn = 0
  }

  private func read() {
    defer {
      memory.leave()
      state.change { $0.hasEnded = true }
    }
    do {
      let tools = try FeedTools(form)
      var feeding = Feeding(generation: 0)
      while let order = order(feeding) {
        switch order {
        case .close: return
        case .open(let sources, let generation):
          if generation != feeding.generation { feeding = Feeding(generation: generation) }
          for source in sources { feeding.feeds.append((source, try tools.feed(source, window: window))) }
        case .load(let slot):
          feeding.turn %= feeding.feeds.count
          let (source, feed) = feeding.feeds[feeding.turn]
          if try load(slot, source, feed, feeding.generation) {
            feeding.turn += 1
          } else {
            feeding.feeds.remove(at: feeding.turn)
          }
        }
      }
    } catch {
      let interruption = WorkInterruption(error, doing: "reading the archive")
      state.change { $0.ready.append(.failed(interruption)) }
    }
  }

  private func order(_ feeding: Feeding) -> Order? {
    state.wait { state in
      if state.isClosed { return .close }
      if !state.sources.isEmpty || state.generation != feeding.generation {
        defer { state.sources = [] }
        return .open(state.sources, generation: state.generation)
      }
      guard !feeding.feeds.isEmpty else { return nil }
      guard state.held < min(state.depth, memory.bytes), let slot = state.free.popLast() else {
        state.wasFull = true
        return nil
      }
      return .load(slot)
    }
  }

  /// False when the partition has ended.
  private func load(_ slot: LoadedBatch, _ source: Source, _ feed: any BatchFeed, _ generation: Int) throws -> Bool {
    let before = slot.capacity
    let isFilled = try feed.next(into: slot)
    state.change { state in
      state.retained += slot.capacity - before
      guard isFilled, state.generation == generation else {
        state.free.append(slot)
        if !isFilled, state.generation == generation { state.ready.append(.end(partition: source.partition)) }
        return
      }
      state.held += slot.capacity
      state.ready.append(.batch(slot))
    }
    return isFilled
  }
}

import ColdStorage
import RestoreModel
import Threads

/// The reader's thread of a lane: reads, checks and prepares batches in a fixed number of slots, in turn over the partitions that are
/// read, ahead of the thread that sends them. What it encoded may be compressed by other threads, several batches at a time; whoever is done first, batches are
/// given in the order in which they were read. Memory is bounded: it waits for slots to come back.
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
    /// Slots that belong to threads of the pool, whatever becomes of the sources meanwhile.
    var packing: Set<Int> = []
    /// Of those whose packing failed.
    var failures: [Int: WorkInterruption] = [:]
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
  private let pool: PackingPool
  private let window: Int
  private let form: BatchForm

  /// - Parameters:
  ///   - form: what the slots are filled with.
  ///   - memory: bounds the slots in use, beyond a single batch.
  ///   - pool: compresses what is encoded.
  ///   - depth: how many bytes are read ahead to begin with.
  ///   - window: bytes that are read at once of each partition.
  init(
    _ form: BatchForm, slots: Int, memory: MemoryShare, pool: PackingPool, depth: Int = firstDepth, window: Int,
    name: String
  ) throws(WorkInterruption) {
    self.form = form
    self.memory = memory
    self.pool = pool
    self.window = window
    do {
      var free: [LoadedBatch] = []
      for slot in (0..<slots).reversed() { free.append(try LoadedBatch(slot: slot)) }
      state = Monitor(State(free: free, depth: depth))
      memory.enter()
      pool.enter()
      do { try NamedThread.start("read-\(name)") { [self] in read() } } catch {
        memory.leave()
        pool.leave()
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

  /// What is held, how many batches are being compressed, and whether the reader waits for some of it to come back.
  var level: (bytes: Int, packing: Int, isFull: Bool) { state.read { ($0.held, $0.packing.count, $0.wasFull) } }

  func isReady(within timeout: Duration) -> Bool {
    state.wait(timeout: timeout) { Self.first($0) == nil ? nil : true } ?? false
  }

  /// What comes next, if it is ready: nothing overtakes what is still being compressed.
  private static func first(_ state: State) -> Item? {
    guard state.next < state.ready.count else { return nil }
    let item = state.ready[state.next]
    guard case .batch(let batch) = item else { return item }
    if state.packing.contains(batch.slot) { return nil }
    return state.failures[batch.slot].map(Item.failed) ?? item
  }

  private static func take(_ state: inout State) -> Item? {
    guard let item = first(state) else { return nil }
    // It stays: nothing comes behind a failure.
    if case .failed = item { return item }
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
        guard case .batch(let batch) = item, !state.packing.contains(batch.slot) else { continue }
        state.failures[batch.slot] = nil
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

  /// Returns when the thread has ended, and no other one looks at a slot.
  func close() {
    state.change { $0.isClosed = true }
    _ = state.wait { $0.hasEnded && $0.packing.isEmpty ? true : nil }
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
      // Its threads end behind the last job that they were given.
      pool.leave()
      state.change { $0.hasEnded = true }
    }
    do {
      let tools = try FeedTools(form, pool)
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
      guard !feeding.feeds.isEmpty, state.packing.count < PackingPool.batchesPerLane else { return nil }
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
    let footprint = slot.footprint
    let isPacking = state.change { state in
      state.retained += slot.capacity - before
      guard isFilled, state.generation == generation else {
        state.free.append(slot)
        if !isFilled, state.generation == generation { state.ready.append(.end(partition: source.partition)) }
        return false
      }
      state.held += footprint
      state.ready.append(.batch(slot))
      if slot.isUnpacked { state.packing.insert(slot.slot) }
      return slot.isUnpacked
    }
    if isPacking { pool.submit { [self] packer in pack(slot, packer, footprint, generation) } }
    return isFilled
  }

  /// On a thread of the pool.
  /// - Parameter footprint: for which the slot is held.
  private func pack(
    _ slot: LoadedBatch, _ packer: Result<BatchPacker, any Error>, _ footprint: Int, _ generation: Int
  ) {
    let before = slot.capacity
    let result = Result<RecordBuffer?, any Error> { try slot.pack(packer.get()) }
    if case .success(let spare?) = result { pool.keep(spare) }
    state.change { state in
      state.packing.remove(slot.slot)
      state.retained += slot.capacity - before
      guard state.generation == generation else {
        state.held -= footprint
        state.free.append(slot)
        return
      }
      state.held += slot.capacity - footprint
      if case .failure(let error) = result {
        state.failures[slot.slot] = WorkInterruption(error, doing: "compressing a batch")
      }
    }
  }
}

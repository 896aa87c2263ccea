import Threads
import Seeded

/// A machine of one thread and one clock, both under a seed: which of the jobs that are ready runs next is drawn, and time passes only when
/// none is. The same seed gives the same history.
final class Machine: TaskExecutor, @unchecked Sendable {
  struct Stuck: Error, CustomStringConvertible { var description: String }

  private struct State {
    var jobs: [UnownedJob] = []
    var timers = TimerQueue()
    var now: Int64 = 1_700_000_000_000
    var random: SeededGenerator
  }

  let seed: UInt64
  private let state: Locked<State>

  init(seed: UInt64) {
    self.seed = seed
    state = Locked(State(random: SeededGenerator(seed)))
  }

  /// Milliseconds since 1970.
  var now: Int64 { state.withLock { $0.now } }

  func draw(_ range: ClosedRange<Int64>) -> Int64 { state.withLock { Int64.random(in: range, using: &$0.random) } }
  func happens(oneIn chance: Int64) -> Bool { draw(1...chance) == 1 }
  func pick<Element>(_ elements: [Element]) -> Element { elements[Int(draw(0...Int64(elements.count - 1)))] }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
  }

  @discardableResult
  func after(_ milliseconds: Int64, _ action: @escaping @Sendable () -> Void) -> Int {
    state.withLock { $0.timers.add(at: $0.now + milliseconds, action) }
  }

  /// Runs the action of a timer now; does nothing if it has run.
  func fire(_ number: Int) {
    let action = state.withLock { $0.timers.take(number) }
    action?()
  }

  /// Returns after that time, or when the task is cancelled.
  func pause(_ milliseconds: Int64) async {
    let timer = Locked<Int?>(nil)
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let number = after(Task.isCancelled ? 0 : milliseconds) { continuation.resume() }
        timer.withLock { $0 = number }
      }
    } onCancel: { [self] in
      if let number = timer.withLock({ $0 }) { fire(number) }
    }
  }

  /// Returns after that time, in a cancelled task too.
  func rest(_ milliseconds: Int64) async {
    await withCheckedContinuation { continuation in _ = after(milliseconds) { continuation.resume() } }
  }

  /// Everybody sleeps for so long.
  func skip(_ milliseconds: Int64) { state.withLock { $0.now += milliseconds } }

  func start<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) -> Task<Result, any Error> {
    Task(executorPreference: self) { try await body() }
  }

  /// Lets things happen until `condition` holds.
  func run(within milliseconds: Int64 = 3_600_000, until condition: () -> Bool) throws {
    let end = now + milliseconds
    var steps = 0
    while !condition() {
      steps += 1
      guard now <= end, steps < 300_000 else {
        throw Stuck(description: "not reached in \(steps) steps and \(now - end + milliseconds) ms; seed \(seed)")
      }
      guard step() else {
        throw Stuck(description: "nothing is left to happen after \(steps) steps; seed \(seed)")
      }
    }
  }

  /// Lets things happen for so long.
  func run(for milliseconds: Int64) throws {
    let isOver = Locked(false)
    after(milliseconds) { isOver.withLock { $0 = true } }
    try run(within: milliseconds) { isOver.withLock { $0 } }
  }

  /// False: nothing is left to happen.
  private func step() -> Bool {
    if let job = takeJob() {
      job.runSynchronously(on: asUnownedTaskExecutor())
      return true
    }
    let action = state.withLock { state -> (@Sendable () -> Void)? in
      guard let (time, action) = state.timers.takeFirst() else { return nil }
      state.now = max(state.now, time)
      return action
    }
    action?()
    return action != nil
  }

  private func takeJob() -> UnownedJob? {
    state.withLock { state in
      guard !state.jobs.isEmpty else { return nil }
      let index = Int.random(in: state.jobs.indices, using: &state.random)
      state.jobs.swapAt(index, state.jobs.endIndex - 1)
      return state.jobs.removeLast()
    }
  }
}

/// What is to happen at a time; of two at the same, the one that was added first.
private struct TimerQueue {
  private struct Entry {
    var time: Int64
    var number: Int
    static func < (left: Entry, right: Entry) -> Bool { (left.time, left.number) < (right.time, right.number) }
  }

  /// A binary heap; an entry whose action was taken already is skipped.
  private var heap: [Entry] = []
  private var actions: [Int: @Sendable () -> Void] = [:]
  private var number = 0

  mutating func add(at time: Int64, _ action: @escaping @Sendable () -> Void) -> Int {
    number += 1
    actions[number] = action
    heap.append(Entry(time: time, number: number))
    var child = heap.count - 1
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
    return number
  }

  mutating func take(_ number: Int) -> (@Sendable () -> Void)? { actions.removeValue(forKey: number) }

  mutating func takeFirst() -> (time: Int64, action: @Sendable () -> Void)? {
    while let first = heap.first {
      removeFirst()
      if let action = actions.removeValue(forKey: first.number) { return (first.time, action) }
    }
    return nil
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

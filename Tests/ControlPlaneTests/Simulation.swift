import Threads

/// A machine of one thread and one clock, both under a seed: which of the jobs that are ready runs next is drawn, and time passes only when
/// none is. The same seed gives the same history.
final class Simulation: TaskExecutor, @unchecked Sendable {
  struct Stuck: Error, CustomStringConvertible { var description: String }

  private struct Timer {
    var time: Int64
    var number: Int
    var action: @Sendable () -> Void
  }

  private struct State {
    var jobs: [UnownedJob] = []
    var timers: [Timer] = []
    var number = 0
    var now: Int64 = 1_700_000_000_000
    var random: SeededRandom
  }

  let seed: UInt64
  private let state: Locked<State>

  init(seed: UInt64) {
    self.seed = seed
    state = Locked(State(random: SeededRandom(seed)))
  }

  /// Milliseconds since 1970.
  var now: Int64 { state.withLock { $0.now } }

  func draw(_ range: ClosedRange<Int64>) -> Int64 { state.withLock { Int64.random(in: range, using: &$0.random) } }
  func happens(oneIn chance: Int64) -> Bool { draw(1...chance) == 1 }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
  }

  @discardableResult
  func after(_ milliseconds: Int64, _ action: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.number += 1
      state.timers.append(Timer(time: state.now + milliseconds, number: state.number, action: action))
      return state.number
    }
  }

  /// Runs the action of a timer now; does nothing if it has run.
  func fire(_ number: Int) {
    let action = state.withLock { state -> (@Sendable () -> Void)? in
      guard let index = state.timers.firstIndex(where: { $0.number == number }) else { return nil }
      return state.timers.remove(at: index).action
    }
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
      guard now <= end, steps < 2_000_000 else {
        throw Stuck(description: "seed \(seed): not reached in \(steps) steps")
      }
      if let job = takeJob() {
        job.runSynchronously(on: asUnownedTaskExecutor())
      } else if let action = takeTimer() {
        action()
      } else {
        throw Stuck(description: "seed \(seed): nothing is left to happen after \(steps) steps")
      }
    }
  }

  private func takeJob() -> UnownedJob? {
    state.withLock { state in
      guard !state.jobs.isEmpty else { return nil }
      let index = Int.random(in: state.jobs.indices, using: &state.random)
      return state.jobs.remove(at: index)
    }
  }

  private func takeTimer() -> (@Sendable () -> Void)? {
    state.withLock { state in
      guard
        let index = state.timers.indices.min(by: {
          (state.timers[$0].time, state.timers[$0].number) < (state.timers[$1].time, state.timers[$1].number)
        })
      else { return nil }
      let timer = state.timers.remove(at: index)
      state.now = max(state.now, timer.time)
      return timer.action
    }
  }
}

/// SplitMix64.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

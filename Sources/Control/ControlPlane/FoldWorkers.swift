import Glibc
import Threads

/// Threads that read blocks of records for a fold, started when first there is something for them.
final class FoldWorkers: Sendable {
  private struct State {
    var jobs: [Job] = []
    /// Jobs not done yet, by part.
    var open: [Int: Int] = [:]
    var threads = 0
    var isStopped = false
  }

  private struct Job {
    let part: Int
    let run: @Sendable () -> Void
  }

  /// Blocks of a part that may wait or be under way.
  private static let openAtMost = 8

  private let state = Monitor(State())

  /// Blocks while the part has too many open. False: there is nobody to do it.
  func take(_ run: @escaping @Sendable () -> Void, for part: Int) -> Bool {
    guard start() else { return false }
    wait(for: part, atMost: Self.openAtMost - 1)
    state.change { state in
      state.jobs.append(Job(part: part, run: run))
      state.open[part, default: 0] += 1
    }
    return true
  }

  /// Blocks until so few jobs of the part are open, or the threads are stopped.
  func wait(for part: Int, atMost count: Int) {
    state.wait { $0.isStopped || $0.open[part, default: 0] <= count ? () : nil }
  }

  func stop() {
    state.change { state in
      state.isStopped = true
      state.jobs = []
    }
  }

  /// Within the lock: whoever finds them started may count on them.
  private func start() -> Bool {
    state.change { [state = self.state] found in
      let wanted = min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
      while !found.isStopped, found.threads < wanted {
        do { try NamedThread.start("thaw-fold") { Self.work(state) } } catch { break }
        found.threads += 1
      }
      return found.threads > 0
    }
  }

  private static func work(_ state: Monitor<State>) {
    while let job = next(state) {
      job.run()
      state.change { $0.open[job.part, default: 1] -= 1 }
    }
  }

  /// Nil when they are stopped.
  private static func next(_ state: Monitor<State>) -> Job? {
    let found: Job?? = state.wait { state in
      if state.isStopped { return .some(nil) }
      return state.jobs.isEmpty ? nil : .some(state.jobs.removeFirst())
    }
    return found ?? nil
  }
}

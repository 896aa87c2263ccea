import CThreads
import Dispatch
import Threads

/// The one thread that forks. The kernel sends a child its parent-death signal when the *thread* that forked it ends, so
/// children are forked from a thread that never does.
final class ForkingThread: Sendable {
  private let jobs = Locked<[@Sendable () -> Void]>([])
  private let wake = DispatchSemaphore(value: 0)

  private static let shared = Result<ForkingThread, NamedThread.NotStarted> { () throws(NamedThread.NotStarted) in
    let forker = ForkingThread()
    try NamedThread.start("forker") { forker.serve() }
    return forker
  }

  /// Runs `body` on the forking thread and waits for it; a fork and exec take a few milliseconds.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) throws(NamedThread.NotStarted) -> Value {
    let forker = try shared.get()
    let (result, done) = (Locked<Value?>(nil), DispatchSemaphore(value: 0))
    forker.jobs.withLock {
      $0.append {
        let value = body()
        result.withLock { $0 = value }
        done.signal()
      }
    }
    forker.wake.signal()
    while true {
      done.wait()
      if let value = result.withLock({ $0 }) { return value }
    }
  }

  private func serve() {
    while true {
      wake.wait()
      let job = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      job?()
    }
  }
}

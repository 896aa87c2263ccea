import Threads

/// Lets one task wait, for a bounded time, until somebody rings, from any thread. A ring that nobody waited for is kept, once.
final class Doorbell: Sendable {
  private struct State {
    var isRung = false
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let state = Locked(State())

  func ring() {
    let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
      defer { state.waiting = nil }
      if state.waiting == nil { state.isRung = true }
      return state.waiting
    }
    waiting?.resume()
  }

  /// Returns at a ring, after `time`, or when the task is cancelled.
  func wait(atMost time: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [self] in await rung() }
      group.addTask { try? await Task.sleep(for: time) }
      await group.next()
      group.cancelAll()
    }
  }

  private func rung() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDue = state.withLock { state in
          // A cancelled waiter must not stay: its handler may have run already.
          if state.isRung || Task.isCancelled {
            state.isRung = false
            return true
          }
          state.waiting = continuation
          return false
        }
        if isDue { continuation.resume() }
      }
    } onCancel: {
      let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
        defer { state.waiting = nil }
        return state.waiting
      }
      waiting?.resume()
    }
  }
}

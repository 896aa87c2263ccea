import Dispatch
import Threads

/// Counts the calls that are under way in a handle, so that whoever destroys it waits for them, and lets none in afterwards.
final class UseGate: Sendable {
  private struct State {
    var users = 0
    var isClosed = false
    var lastUserLeft: DispatchSemaphore?
  }

  private let state = Locked(State())

  /// False: closed. Else `leave` must follow.
  func enter() -> Bool {
    state.withLock { state in
      if !state.isClosed { state.users += 1 }
      return !state.isClosed
    }
  }

  func leave() {
    state.withLock { state in
      state.users -= 1
      if state.users == 0 { state.lastUserLeft?.signal() }
    }
  }

  /// Returns when nobody is inside any more; false when somebody else has closed it before.
  func close() -> Bool {
    let (isFirst, left) = state.withLock { state -> (Bool, DispatchSemaphore?) in
      guard !state.isClosed else { return (false, nil) }
      state.isClosed = true
      if state.users > 0 { state.lastUserLeft = DispatchSemaphore(value: 0) }
      return (true, state.lastUserLeft)
    }
    left?.wait()
    return isFirst
  }
}

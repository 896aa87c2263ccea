import RestoreModel
import Threads

/// Documents that are waited for, and what became of those that are not any more.
final class WaitingRoom: Sendable {
  private struct State {
    var pending: [ResourceKey]
    var failures: [ShellFailure] = []
    var isFirst = true
  }

  private let goal: WaitGoal
  private let terminal: Terminal
  private let displays: [ResourceKey: ProgressDisplay]
  private let state: Locked<State>

  init(_ goal: WaitGoal, _ keys: [ResourceKey], _ terminal: Terminal) {
    self.goal = goal
    self.terminal = terminal
    displays = Dictionary(keys.map { ($0, ProgressDisplay(terminal, label: $0.name)) }) { $1 }
    state = Locked(State(pending: keys))
  }

  var isEmpty: Bool { state.withLock { $0.pending.isEmpty } }

  func see(_ resources: [ResourceKey: Resource]) {
    state.withLock { state in
      let waiting = state.pending
      state.pending = waiting.filter { key in
        let status = resources[key]?.status
        // On a terminal one line is drawn again and again: that of whoever is first.
        if let status, !terminal.isInteractive || key == waiting.first { displays[key]?.show(status) }
        if state.isFirst, status == nil, goal != .deletion {
          state.failures.append(GetVerb.notFound(key))
          return false
        }
        switch goal.judge(status) {
        case .pending: return true
        case .reached:
          displays[waiting.first ?? key]?.finish()
          terminal.print("\(key) is \(goal.text)")
        case .impossible(let why):
          state.failures.append(ShellFailure(.refused, "\(key): will not be \(goal.text): \(why)"))
        }
        return false
      }
      state.isFirst = false
    }
  }

  /// The line that is drawn on a terminal ends.
  func finish() { for display in displays.values { display.finish() } }

  /// Of all that can't come any more; with the code of the first.
  var failure: ShellFailure? {
    let failures = state.withLock { $0.failures }
    return failures.first.map { ShellFailure($0.code, lines: failures.flatMap(\.lines)) }
  }

  func timedOut(after timeout: Duration) -> ShellFailure {
    let (pending, failures) = state.withLock { ($0.pending, $0.failures) }
    let late = pending.map { key in
      "\(key): was not \(goal.text) within \(Figure.duration(timeout)); `thaw describe restore \(key.name)` says where it is"
    }
    return ShellFailure(.timedOut, lines: failures.flatMap(\.lines) + late)
  }

  var lost: ShellFailure {
    let (pending, failures) = state.withLock { ($0.pending, $0.failures) }
    return ShellFailure(
      .unreachable, lines: failures.flatMap(\.lines) + pending.map { "\($0): the status can no longer be followed" })
  }
}

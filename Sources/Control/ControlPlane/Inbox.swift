import RestoreModel
import Threads

/// What the work has reported and no decision has taken yet. Progress is of hints only, so only the latest of each lane is kept: a slow
/// broker can't make it grow.
final class Inbox: Sendable {
  struct Contents {
    var facts: [Fact] = []
    var progress: [ProgressSource: Fact] = [:]
    var isEmpty: Bool { facts.isEmpty && progress.isEmpty }
  }

  struct ProgressSource: Hashable {
    var key: ResourceKey
    var lane: LaneID
  }

  private struct State {
    var contents = Contents()
    /// Nil between two terms: what arrives then is of an owner that is no more.
    var wake: (@Sendable () -> Void)?
  }

  private let state = Locked(State())

  func open(wake: @escaping @Sendable () -> Void) {
    state.withLock { $0 = State(contents: Contents(), wake: wake) }
  }

  func close() { state.withLock { $0 = State() } }

  func put(_ fact: Fact) {
    let wake: (@Sendable () -> Void)? = state.withLock { state in
      guard state.wake != nil else { return nil }
      if case .progress(let lane, _) = fact.content {
        // Shown at most once a second: the loop comes by often enough.
        state.contents.progress[ProgressSource(key: fact.key, lane: lane)] = fact
        return nil
      }
      state.contents.facts.append(fact)
      return state.wake
    }
    wake?()
  }

  func take() -> Contents {
    state.withLock { state in
      defer { state.contents = Contents() }
      return state.contents
    }
  }
}

package import RestoreModel
import Threads

/// What may change while a worker runs, and how it is told to stop. Callable from anywhere.
package final class WorkControl: Sendable {
  package enum Stop: Int, Sendable, Hashable, Comparable {
    /// After the transaction at hand.
    case atCheckpoint
    /// At once: what is on its way is given up.
    case now

    package static func < (left: Stop, right: Stop) -> Bool { left.rawValue < right.rawValue }
  }

  private struct State {
    var stop: Stop?
    var positioned: Bool
    var positionedClaim: Claim?
    var slots: Int
  }

  private let state: Monitor<State>

  package init(_ item: WorkItem) {
    state = Monitor(
      State(positioned: item.positioned, positionedClaim: item.positionedClaim, slots: max(1, item.slots)))
  }

  package func update(_ item: WorkItem) {
    state.change { state in
      // What the control topics know they never forget.
      state.positioned = state.positioned || item.positioned
      state.positionedClaim = item.positionedClaim ?? state.positionedClaim
      state.slots = max(1, item.slots)
    }
  }

  /// A stop at once outranks one at a checkpoint.
  package func stop(_ stop: Stop) { state.change { $0.stop = max($0.stop ?? stop, stop) } }

  package var stopRequest: Stop? { state.read { $0.stop } }
  package var positioned: Bool { state.read { $0.positioned } }
  package var positionedClaim: Claim? { state.read { $0.positionedClaim } }
  package var slots: Int { state.read { $0.slots } }

  /// Throws `stopped` once a stop is wanted.
  func check() throws(WorkInterruption) { if stopRequest != nil { throw .stopped } }

  /// Returns once the control topics know the start positions. No record may be produced before.
  func waitUntilPositioned() throws(WorkInterruption) {
    let positioned = state.wait { state -> Bool? in
      if state.stop != nil { return false }
      return state.positioned ? true : nil
    }
    if positioned != true { throw .stopped }
  }

  /// Throws early when a stop is wanted.
  package func pause(_ duration: Duration) throws(WorkStopped) {
    if state.wait(timeout: duration, { $0.stop == nil ? nil : true }) == true { throw WorkStopped() }
  }
}

package struct WorkStopped: Error {}

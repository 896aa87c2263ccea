import Threads

/// The memory that lanes read ahead into, divided among those at work: one bound for the whole process, however many lanes there are.
package final class MemoryShare: Sendable {
  private let total: Int
  private let most: Int
  private let lanes = Locked(0)

  /// - Parameters:
  ///   - total: bytes of all lanes together, beyond a single batch of each.
  ///   - most: bytes of one lane.
  package init(total: Int, most: Int) {
    self.total = total
    self.most = most
  }

  /// Bytes that a lane may hold now. It falls when another lane begins: what a lane holds beyond it goes with its next batches.
  var bytes: Int { min(most, total / max(1, lanes.withLock { $0 })) }

  func enter() { lanes.withLock { $0 += 1 } }
  func leave() { lanes.withLock { $0 -= 1 } }
}

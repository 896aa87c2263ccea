import Glibc
import Threads

/// What is to be done when the test process ends in order, the last first.
package enum AtExit {
  private static let actions = Locked<[@Sendable () -> Void]>([])

  private static let registered: Bool = {
    atexit {
      for action in AtExit.actions.withLock({ $0 }).reversed() { action() }
    } == 0
  }()

  package static func run(_ action: @escaping @Sendable () -> Void) {
    _ = registered
    actions.withLock { $0.append(action) }
  }
}

import Threads

/// A client whose calls block the thread that makes them: use it on a thread of its own (`NamedThread`), or through
/// `onThread` from asynchronous code.
package protocol BlockingClient: AnyObject, Sendable {}

extension BlockingClient {
  /// Runs `body` on a thread of its own, so that Swift's cooperative pool never waits for a broker.
  package func onThread<Result: Sendable>(_ body: @escaping @Sendable (Self) throws -> Result) async throws -> Result {
    try await NamedThread.run("kafka-call") { try body(self) }
  }
}

extension Duration {
  /// Whole milliseconds, rounded up so that a short wait stays a wait, within what librdkafka takes.
  var milliseconds: Int32 {
    let (seconds, attoseconds) = components
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    let total = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(max(0, total))
  }
}

/// A point in time until which something is tried.
struct Deadline {
  private let end: ContinuousClock.Instant

  init(_ timeout: Duration) { end = ContinuousClock.now + timeout }

  var remaining: Duration { max(.zero, end - ContinuousClock.now) }
  var isOver: Bool { ContinuousClock.now >= end }
}

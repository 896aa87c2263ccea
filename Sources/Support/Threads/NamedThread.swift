import CThreads

/// A thread of its own for work that blocks, so that Swift's cooperative pool (as wide as the machine has cores) never does.
package enum NamedThread {
  package struct NotStarted: Error, CustomStringConvertible {
    package let errno: Int32
    package var description: String { "no thread could be started (errno \(errno))" }
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a new detached thread. `name` shows in `ps -L` and in a debugger; the kernel keeps 15 bytes of it.
  package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(NotStarted) {
    let context = Unmanaged.passRetained(Body(body))
    let error = thread_start(
      name, 0,
      { context in
        guard let context else { return }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
      }, context.toOpaque())
    guard error == 0 else {
      context.release()
      throw NotStarted(errno: error)
    }
  }

  /// Runs `body` on a thread of its own and waits for it without blocking the caller's.
  package static func run<Result: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try start(name) { continuation.resume(with: Swift.Result(catching: body)) }
      } catch { continuation.resume(throwing: error) }
    }
  }
}

import Dispatch
import Glibc

/// SIGTERM and SIGINT as the cancellation of a task, so that whatever runs stops in order.
enum StopSignals {
  /// Runs `body`; a signal cancels it, which then counts as the stop that was asked for, or as a failure.
  static func stopping(
    throwingWhenSignalled: Bool = false, _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    let (signals, continuation) = AsyncStream<Int32>.makeStream()
    let sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield(number) }
      source.resume()
      return source
    }
    defer {
      for source in sources { source.cancel() }
      signal(SIGTERM, SIG_DFL)
      signal(SIGINT, SIG_DFL)
    }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await body()
        return false
      }
      group.addTask {
        for await _ in signals { return true }
        return false
      }
      let wasSignalled = try await group.next() ?? false
      group.cancelAll()
      do {
        while try await group.next() != nil {}
      } catch {
        // After a signal the body ends by its cancellation, whatever it makes of that.
        guard wasSignalled else { throw error }
        if !throwingWhenSignalled, !(error is CancellationError) { throw error }
      }
      if wasSignalled, throwingWhenSignalled {
        throw ShellFailure(.refused, "interrupted; everything it started has ended")
      }
    }
  }
}

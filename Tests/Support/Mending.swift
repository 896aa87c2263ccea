package import LocalBroker
package import Testing
import Threads

/// Leaves brokers that tests share as the next test expects them, however a test ended: the programs that it started are ended, and every node
/// runs.
package struct Mending: SuiteTrait, TestTrait, TestScoping {
  package let isRecursive = true
  private let broker: @Sendable () async throws -> Broker

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let started = StartedPrograms()
    let result: Result<Void, any Error>
    do {
      try await StartedPrograms.$ofTest.withValue(started) { try await function() }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await started.end()
    do { try await mend() } catch {
      // What the test itself threw says more.
      if case .success = result { throw error }
    }
    try result.get()
  }

  private func mend() async throws {
    let broker = try await broker()
    for node in broker.nodes {
      node.thaw()
      if !node.isRunning { try await node.start(timeout: .seconds(120)) }
    }
    try await broker.awaitWhole()
  }

  fileprivate init(_ broker: @escaping @Sendable () async throws -> Broker) { self.broker = broker }
}

extension Trait where Self == Mending {
  package static func mending(_ broker: @escaping @Sendable () async throws -> Broker) -> Self {
    Mending(broker)
  }
}

/// The programs that a test has started.
package final class StartedPrograms: Sendable {
  @TaskLocal package static var ofTest: StartedPrograms?

  private let programs = Locked<[ChildProcess]>([])

  package func add(_ program: ChildProcess) { programs.withLock { $0.append(program) } }

  func end() async {
    for program in programs.withLock({ $0 }) where program.exit == nil {
      program.send(9)
      await program.ended()
    }
  }
}

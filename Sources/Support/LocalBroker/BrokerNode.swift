import Glibc
import Threads

/// How to start a broker, always on the same port and directory.
package struct BrokerRecipe: Sendable {
  package var executable: String
  package var arguments: [String]
  package var port: UInt16
  /// What the broker prints, kept over restarts.
  package var log: String

  package init(executable: String, arguments: [String], port: UInt16, log: String) {
    (self.executable, self.arguments, self.port, self.log) = (executable, arguments, port, log)
  }
}

/// A broker on this machine that a demo or a test controls: a crash (`kill`), an orderly stop, a freeze, a start on the same data.
package final class BrokerNode: Sendable {
  package struct NotReady: Error, Sendable, CustomStringConvertible {
    package let description: String
  }

  private let recipe: BrokerRecipe
  private let process: Locked<ChildProcess?>

  package var bootstrapServers: String { "127.0.0.1:\(recipe.port)" }
  package var port: UInt16 { recipe.port }
  package var log: String { recipe.log }
  package var isRunning: Bool { process.withLock { $0.map { $0.exit == nil } ?? false } }
  package var processID: Int32? { process.withLock { $0?.id } }

  /// Starts the broker and waits until it answers Kafka's protocol.
  package init(_ recipe: BrokerRecipe, timeout: Duration) async throws {
    self.recipe = recipe
    process = Locked(nil)
    try await start(timeout: timeout)
  }

  /// Starts it (again), after `stop` or `kill`, on the data it has.
  package func start(timeout: Duration = .seconds(60)) async throws {
    let recipe = recipe
    let child = try await NamedThread.run("broker-start") {
      let child = try ChildProcess(recipe.executable, recipe.arguments, output: recipe.log)
      let end = ContinuousClock.now + timeout
      while !LoopbackPort.answersKafka(recipe.port) {
        if let exit = child.exit {
          throw NotReady(
            description: "\(recipe.executable) ended at once (\(exit)); it says:\n\(Self.tail(recipe.log))")
        }
        guard ContinuousClock.now < end else {
          child.send(SIGKILL)
          throw NotReady(description: "\(recipe.executable) doesn't answer on port \(recipe.port) after \(timeout)")
        }
        usleep(10_000)
      }
      return child
    }
    process.withLock { $0 = child }
  }

  /// Stops it in order; after `patience` by force.
  package func stop(patience: Duration = .seconds(20)) async {
    guard let child = process.withLock({ $0 }) else { return }
    child.send(SIGCONT)
    child.send(SIGTERM)
    let force = Task {
      try await Task.sleep(for: patience)
      child.send(SIGKILL)
    }
    await child.ended()
    force.cancel()
  }

  /// kill -9, and waits until it is gone.
  package func kill() async {
    guard let child = process.withLock({ $0 }) else { return }
    child.send(SIGKILL)
    await child.ended()
  }

  /// The same without waiting.
  package func killNow() { process.withLock { $0?.send(SIGKILL) } }

  /// Freezes it: connections stay, nothing is answered. Returns when every thread of it stands still.
  package func freeze() {
    guard let child = process.withLock({ $0 }) else { return }
    child.send(SIGSTOP)
    var what = siginfo_t()
    while waitid(P_PID, id_t(child.id), &what, WSTOPPED | WNOWAIT) != 0, errno == EINTR {}
  }

  package func thaw() { process.withLock { $0?.send(SIGCONT) } }

  private static func tail(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "(nothing)" }
    defer { close(file) }
    let size = lseek(file, 0, SEEK_END)
    lseek(file, max(0, size - 2000), SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: 2000)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

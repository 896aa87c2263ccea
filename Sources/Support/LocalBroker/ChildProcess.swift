import CThreads
import Glibc
import Threads

/// A program that we started and that does not outlive us.
package final class ChildProcess: Sendable {
  package enum Exit: Sendable, Equatable {
    case exited(code: Int32)
    case killed(signal: Int32)
  }

  package struct NotStarted: Error, Sendable, CustomStringConvertible {
    package let executable: String
    package let reason: String
    package var description: String { "\(executable) could not be started: \(reason)" }
  }

  private struct State {
    var exit: Exit?
    var waiting: [@Sendable (Exit) -> Void] = []
  }

  package let id: Int32
  private let state = Locked(State())

  /// Starts `executable` (a path) and returns once it runs.
  ///
  /// - Parameters:
  ///   - environment: replaces ours when given; else the child gets the usual few (PATH, HOME, …).
  ///   - output: a file that standard output and error are appended to; none: /dev/null.
  ///   - deathSignal: what the child gets when this process ends, however it ends.
  package init(
    _ executable: String, _ arguments: [String], environment: [String: String]? = nil, output: String? = nil,
    deathSignal: Int32 = SIGKILL
  ) throws {
    let file = try output.map { path in
      let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw NotStarted(executable: executable, reason: "\(path): \(Self.text(errno))") }
      return descriptor
    }
    defer { if let file { close(file) } }
    let variables = (environment ?? Self.inherited).map { "\($0.key)=\($0.value)" }.sorted()
    let descriptor = file ?? -1
    let result = try ForkingThread.run {
      Self.withStrings([executable] + arguments) { argv in
        Self.withStrings(variables) { envp in
          child_start(executable, argv, envp, -1, descriptor, descriptor, deathSignal)
        }
      }
    }
    guard result > 0 else { throw NotStarted(executable: executable, reason: Self.text(-result)) }
    id = result
    do {
      try NamedThread.start("wait-\(result)") { [self] in reap() }
    } catch {
      Glibc.kill(result, SIGKILL)
      waitpid(result, nil, 0)
      throw error
    }
  }

  /// How it ended; `nil` while it runs.
  package var exit: Exit? { state.withLock { $0.exit } }

  /// Sends a signal, unless the process has ended: its id may be another's by then.
  package func send(_ signal: Int32) {
    state.withLock { state in
      if state.exit == nil { Glibc.kill(id, signal) }
    }
  }

  /// Waits until it has ended.
  @discardableResult
  package func ended() async -> Exit {
    await withCheckedContinuation { continuation in whenEnded { continuation.resume(returning: $0) } }
  }

  package func whenEnded(_ body: @escaping @Sendable (Exit) -> Void) {
    let exit = state.withLock { state in
      if state.exit == nil { state.waiting.append(body) }
      return state.exit
    }
    if let exit { body(exit) }
  }

  private func reap() {
    var what = siginfo_t()
    // Looks first and reaps under the lock, so that `send` never meets an id that is free again.
    while waitid(P_PID, id_t(id), &what, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    let (exit, waiting) = state.withLock { state in
      var status: Int32 = 0
      while waitpid(id, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7f
      let exit: Exit = signal == 0 ? .exited(code: (status >> 8) & 0xff) : .killed(signal: signal)
      defer { state.waiting = [] }
      state.exit = exit
      return (exit, state.waiting)
    }
    for body in waiting { body(exit) }
  }

  private static var inherited: [String: String] {
    var variables: [String: String] = [:]
    for name in [
      "PATH", "HOME", "USER", "LANG", "TMPDIR", "TZ", "JAVA_HOME", "LD_LIBRARY_PATH", "XDG_CACHE_HOME",
      "XDG_RUNTIME_DIR",
    ] {
      if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    return variables
  }

  private static func text(_ error: Int32) -> String { String(cString: strerror(error)) }

  /// `strings` as the zero-terminated array of C strings that exec takes.
  private static func withStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Result
  ) -> Result {
    var pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  }
}

import LocalBroker
import TestSupport

import Glibc

/// Where a transcript is played: a directory and a broker of its own, and the program as it was built.
final class Stage: Sendable {
  let directory: String
  let broker: Broker
  private let binaries: String

  init() async throws {
    directory = try TemporaryDirectory.make("transcript")
    broker = try await Broker.own(.noida)
    binaries = try Self.ownDirectory()
  }

  /// The folder that the test program was built into holds `thaw` too.
  private static func ownDirectory() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let path = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    for folder in [
      path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }, "\(Environment.packageRoot)/.build/debug",
    ]
    where access("\(folder)/thaw", X_OK) == 0 { return folder }
    throw Missing(description: "the program thaw isn't built; run swift build")
  }

  struct Missing: Error, CustomStringConvertible { let description: String }

  /// The lines that a step prints: standard output, then standard error with `! ` before each line, then a code that isn't 0.
  func play(_ step: Transcript.Step) async throws -> [String] {
    let (out, error) = ("\(directory)/.out", "\(directory)/.err")
    let child = try start(step.command.joined(separator: "\n"), out: out, error: error)
    let exit = await child.ended()
    var lines = Normaliser.lines(of: try Self.read(out), self)
    lines += Normaliser.lines(of: try Self.read(error), self).map { "! \($0)" }
    switch exit {
    case .exited(0): break
    case .exited(let code): lines.append("[\(code)]")
    case .killed(let signal): lines.append("[killed by \(signal)]")
    }
    return lines
  }

  /// Starts a step that runs on, and returns once it says that it is ready.
  func playBeside(_ step: Transcript.Step) async throws -> (ChildProcess, [String]) {
    let (out, error) = ("\(directory)/.beside-out", "\(directory)/.beside-err")
    let child = try start("exec " + step.command.joined(separator: "\n"), out: out, error: error)
    _ = try await eventually(within: .seconds(30)) {
      try Self.read(out).contains("is ready\n") || child.exit != nil
    }
    return (child, Normaliser.lines(of: try Self.read(out), self))
  }

  private func start(_ script: String, out: String, error: String) throws -> ChildProcess {
    try ChildProcess(
      "/bin/bash", ["-c", "cd '\(directory)' && exec >'\(out)' 2>'\(error)' </dev/null; \(script)"],
      environment: [
        "PATH": "\(binaries):/usr/local/bin:/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": directory, "TMPDIR": directory,
        "THAW_BOOTSTRAP_SERVERS": broker.node.bootstrapServers, "BROKER": broker.node.bootstrapServers,
        // Many tests share the machine, and a broker without long polling.
        "THAW_TIMEOUT": "60s",
      ].merging(Environment.forPrograms) { $1 })
  }

  static func read(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Missing(description: "\(path) can't be written") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Missing(description: "\(path) can't be written")
    }
  }
}

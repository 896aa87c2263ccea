import Glibc
import LocalBroker
import TestSupport

/// A program run as a person would run it: its own process, its own streams, its exit code.
struct Program: Sendable {
  struct Ended: Sendable {
    let exit: ChildProcess.Exit
    let output: String
    let errors: String
    var code: Int32? { if case .exited(let code) = exit { code } else { nil } }
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  let path: String

  /// The executable under test, beside the test bundle.
  static var thaw: Program { Program(path: Environment["THAW_EXECUTABLE"] ?? "\(folder)/thaw") }

  /// The same service, which kills itself where it is told to.
  static var mortal: Program { Program(path: "\(folder)/thaw-mortal") }

  /// The benchmark's (Tests/bench).
  static var bench: Program { Program(path: "\(folder)/thaw-bench") }

  private static var folder: String {
    let bundle = CommandLine.arguments.first ?? ""
    return bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }

  /// Runs to the end, at most two minutes.
  func run(_ arguments: [String], input: String = "", environment: [String: String] = [:]) async throws -> Ended {
    let folder = try TemporaryDirectory.make("program")
    defer { TemporaryDirectory.remove(folder) }
    try writeFile("\(folder)/in", Array(input.utf8))
    let process = try start(
      arguments, environment: environment, streams: "<\(folder)/in >\(folder)/out 2>\(folder)/err")
    let timer = Task {
      try await Task.sleep(for: .seconds(120))
      process.send(SIGKILL)
    }
    let exit = await process.ended()
    timer.cancel()
    return Ended(
      exit: exit, output: String(decoding: try readFile("\(folder)/out"), as: UTF8.self),
      errors: String(decoding: try readFile("\(folder)/err"), as: UTF8.self))
  }

  /// Starts it and returns; `streams` are a shell's redirections.
  func start(_ arguments: [String], environment: [String: String] = [:], streams: String) throws -> ChildProcess {
    let variables = ["PATH": Environment["PATH"] ?? "/usr/bin:/bin", "HOME": Environment["HOME"] ?? "/"]
      .merging(Environment.forPrograms) { $1 }
    let process = try ChildProcess(
      "/bin/sh", ["-c", "exec \"$0\" \"$@\" \(streams)", path] + arguments,
      environment: variables.merging(environment) { $1 })
    StartedPrograms.ofTest?.add(process)
    return process
  }
}

struct FileTrouble: Error, CustomStringConvertible {
  let description: String
}

func readFile(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "r") else {
    throw FileTrouble(description: "\(path): \(String(cString: strerror(errno)))")
  }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
  return bytes
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  guard let file = fopen(path, "w") else {
    throw FileTrouble(description: "\(path): \(String(cString: strerror(errno)))")
  }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
    throw FileTrouble(description: "\(path): short write")
  }
}

/// How a command ends; scripts rely on the numbers.
package enum ExitCode: Int32, Sendable {
  case done = 0
  /// Rejected by the controller or by a check of our own, or what was waited for can no longer come.
  case refused = 1
  case usage = 2
  case notFound = 3
  case timedOut = 4
  /// The broker or the storage.
  case unreachable = 5
}

/// Why a command ended without doing what was asked: one sentence a line that says what, where and what to do.
package struct ShellFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package var code: ExitCode
  package var lines: [String]

  package init(_ code: ExitCode, _ line: String) {
    self.code = code
    lines = [line]
  }

  package init(_ code: ExitCode, lines: [String]) {
    self.code = code
    self.lines = lines
  }

  package var description: String { lines.joined(separator: "\n") }
}

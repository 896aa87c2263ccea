/// How much a line matters; lower is more important.
package enum LogLevel: Int, Sendable, Comparable, CaseIterable, CustomStringConvertible {
  /// Something was refused, lost or halted, and somebody has to act.
  case error
  /// Something is wrong that we live with or try again.
  case warning
  /// What an operator wants to see of a healthy service.
  case info
  case debug
  case trace

  package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

  /// This level, and one more for each `-v`.
  package func raised(by verbosity: Int) -> LogLevel {
    let last = Self.allCases.count - 1
    return LogLevel(rawValue: min(last, rawValue + max(0, min(verbosity, last)))) ?? .trace
  }

  package var description: String {
    switch self {
    case .error: "error"
    case .warning: "warning"
    case .info: "info"
    case .debug: "debug"
    case .trace: "trace"
    }
  }
}

import LocalBroker
import TestSupport

import Glibc

/// A terminal session in a file: what was typed, what was printed, how it ended.
///
///     # a remark
///     $ thaw get restores
///     NAME     STATUS    AGE
///     orders   ✅ Done   AGE
///     $ cat > orders.yaml <<'END'
///     > kind: Restore
///     > END
///     $ thaw enable nobody
///     ! thaw: restores/default/nobody: …      (standard error)
///     [3]                                     (exit code, when it isn't 0)
///     & thaw serve                            (runs on beside the others; a line with `is ready` is waited for)
///
/// What differs from run to run stands there by name: BROKER, DIR, UUID, TIME, AGE.
struct Transcript {
  struct Step: Equatable {
    var remarks: [String] = []
    var command: [String]
    var isBackground: Bool
    var output: [String] = []
  }

  var steps: [Step]
  var closing: [String]

  init(parsing text: String) {
    steps = []
    closing = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      switch line {
      case _ where line.hasPrefix("$ "), _ where line.hasPrefix("& "):
        steps.append(Step(remarks: closing, command: [String(line.dropFirst(2))], isBackground: line.hasPrefix("&")))
        closing = []
      case _ where line.hasPrefix("> ") || line == ">":
        if !steps.isEmpty { steps[steps.count - 1].command.append(String(line.dropFirst(2))) }
      case _ where line.hasPrefix("#") || steps.isEmpty: closing.append(line)
      default: steps[steps.count - 1].output.append(line)
      }
    }
    // The newline at the end of the file makes one empty line too many.
    if !steps.isEmpty, steps[steps.count - 1].output.last == "" { steps[steps.count - 1].output.removeLast() }
  }

  var text: String {
    var lines: [String] = []
    for step in steps {
      lines += step.remarks
      lines.append((step.isBackground ? "& " : "$ ") + (step.command.first ?? ""))
      lines += step.command.dropFirst().map { $0.isEmpty ? ">" : "> \($0)" }
      lines += step.output
    }
    return (lines + closing).joined(separator: "\n") + "\n"
  }
}

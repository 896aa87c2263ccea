import RestoreModel
import Threads

/// How a run goes, on standard error: one line drawn again and again on a terminal, else a line at each phase and each tenth.
final class ProgressDisplay: Sendable {
  private struct Drawn {
    var phase: String?
    var tenth = -1
    var isOpen = false
  }
  private let terminal: Terminal
  private let label: String
  private let drawn = Locked(Drawn())

  init(_ terminal: Terminal, label: String) {
    self.terminal = terminal
    self.label = label
  }

  func show(_ status: ResourceStatus) {
    let phase = ResourceRows.status(status)
    guard terminal.isInteractive else {
      let tenth = (status.progress?.percent ?? 0) / 10
      let isNews = drawn.withLock { drawn in
        defer { (drawn.phase, drawn.tenth) = (phase, tenth) }
        return drawn.phase != phase || drawn.tenth != tenth
      }
      if isNews { terminal.noteRaw("\(label) \(phase)\(Self.figures(status.progress))\n") }
      return
    }
    var line = "\(label) \(phase)"
    if let progress = status.progress { line += "  \(Self.bar(progress.percent))\(Self.figures(progress))" }
    while DisplayWidth.of(line) >= terminal.columns { line.removeLast() }
    terminal.noteRaw("\r\u{1B}[2K" + line)
    drawn.withLock { $0.isOpen = true }
  }

  /// Ends the line, so that what follows begins on its own.
  func finish() {
    let wasOpen = drawn.withLock { drawn in
      defer { drawn.isOpen = false }
      return drawn.isOpen
    }
    if wasOpen { terminal.noteRaw("\n") }
  }

  static func bar(_ percent: Int, columns: Int = 24) -> String {
    let filled = max(0, min(columns, percent * columns / 100))
    return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: columns - filled) + "]"
  }

  static func figures(_ progress: Progress?) -> String {
    guard let progress else { return "" }
    let total = progress.total
    var text =
      "  \(progress.percent)%  \(Figure.count(total.recordsRestored)) of \(Figure.count(total.recordsTotal, "record"))"
    if total.bytesTotal > 0 { text += "  \(Figure.bytes(total.bytesRestored)) of \(Figure.bytes(total.bytesTotal))" }
    if progress.bytesPerSecond > 0 { text += "  \(Figure.bytes(progress.bytesPerSecond))/s" }
    if let left = progress.secondsLeft, progress.percent < 100 { text += "  \(Figure.span(seconds: left)) left" }
    return text
  }
}

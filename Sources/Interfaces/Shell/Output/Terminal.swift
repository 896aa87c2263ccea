package import RestoreModel
import Threads

import Glibc

/// Where a command's words go: results to standard output and nothing else, everything else to standard error.
package struct Terminal: Sendable {
  private let writeOut: @Sendable (String) -> Void
  private let writeError: @Sendable (String) -> Void
  /// Whether somebody watches standard error, so that a line may be drawn again.
  package let isInteractive: Bool
  package let columns: Int
  package let now: @Sendable () -> Instant

  package init(
    isInteractive: Bool, columns: Int = 80, now: @escaping @Sendable () -> Instant,
    out: @escaping @Sendable (String) -> Void, error: @escaping @Sendable (String) -> Void
  ) {
    self.isInteractive = isInteractive
    self.columns = columns
    self.now = now
    writeOut = out
    writeError = error
  }

  /// The process's own streams and clock.
  package static let standard = Terminal(
    isInteractive: isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1, columns: width(),
    now: { Instant(milliseconds: WallClock.milliseconds) },
    out: { Descriptor.write($0, to: STDOUT_FILENO) }, error: { Descriptor.write($0, to: STDERR_FILENO) })

  package func print(_ line: String = "") { writeOut(line + "\n") }
  package func print(lines: [String]) { for line in lines { print(line) } }
  /// As it is, without a newline.
  package func printRaw(_ text: String) { writeOut(text) }

  /// A remark for people: standard error, prefixed.
  package func note(_ line: String) { writeError("thaw: \(line)\n") }
  package func noteRaw(_ text: String) { writeError(text) }

  private static func width() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

enum WallClock {
  static var milliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

enum Descriptor {
  /// Writes all of it. A reader that went away ends the process by SIGPIPE, as a command of a pipeline should end.
  static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        } else if count < 0, errno == EAGAIN {
          var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          if poll(&writable, 1, 1000) < 0, errno != EINTR { return }
        } else if count == 0 || errno != EINTR {
          return
        }
      }
    }
  }
}

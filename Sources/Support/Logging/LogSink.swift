import Threads

import Glibc

/// Where lines go.
package protocol LogSink: Sendable {
  /// Lines less important than this are not written.
  var level: LogLevel { get }
  var now: LogTime { get }
  /// - Parameter line: without its newline.
  func write(_ line: String)
}

/// Lines to a file descriptor, each with one `write(2)`, so that lines of several processes on one descriptor don't mix.
package final class DescriptorLogSink: LogSink {
  package let level: LogLevel
  private let descriptor: Locked<Int32>

  /// - Parameter descriptor: stays the caller's to close.
  package init(_ descriptor: Int32 = STDERR_FILENO, level: LogLevel = .info) {
    self.descriptor = Locked(descriptor)
    self.level = level
  }

  package var now: LogTime { .now }

  package func write(_ line: String) {
    var line = line + "\n"
    line.withUTF8 { bytes in
      descriptor.withLock { Self.write(UnsafeRawBufferPointer(bytes), to: $0) }
    }
  }

  /// A line that can't be written is lost: there is nobody left to tell.
  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        // Somebody made the descriptor non-blocking; half a line is worse than a wait.
        var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&writable, 1, 1000) == 0 { return }
      } else if count == 0 || errno != EINTR {
        return
      }
    }
  }
}

/// Keeps lines for a test to look at.
package final class MemoryLogSink: LogSink {
  package let level: LogLevel
  package let now: LogTime
  private let kept = Locked<[String]>([])

  package init(level: LogLevel = .trace, now: LogTime = LogTime(milliseconds: 0)) {
    self.level = level
    self.now = now
  }

  package var lines: [String] { kept.withLock { $0 } }

  package func write(_ line: String) { kept.withLock { $0.append(line) } }
}

import Glibc

/// A moment, to the millisecond.
package struct LogTime: Sendable, Hashable, CustomStringConvertible {
  /// Since 1970 in UTC, without leap seconds.
  package let milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static var now: LogTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return LogTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// RFC 3339 in UTC: `2026-01-02T03:04:05.678Z`.
  package var description: String {
    let (whole, milliseconds) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    // Before 1970 the remainder is negative.
    var seconds = time_t(milliseconds < 0 ? whole - 1 : whole)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "invalid" }
    let date = "\(pad(Int(parts.tm_year) + 1900, 4))-\(pad(Int(parts.tm_mon) + 1, 2))-\(pad(Int(parts.tm_mday), 2))"
    let time = "\(pad(Int(parts.tm_hour), 2)):\(pad(Int(parts.tm_min), 2)):\(pad(Int(parts.tm_sec), 2))"
    return "\(date)T\(time).\(pad(Int(milliseconds < 0 ? milliseconds + 1000 : milliseconds), 3))Z"
  }

  private func pad(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

import Glibc

/// Numbers for a table.
enum Figures {
  static func print(_ title: String, _ header: [String], _ rows: [[String]]) {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    Swift.print("\n\(title)")
    for row in all {
      let cells = zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }
      Swift.print("  " + cells.joined(separator: "   "))
    }
  }

  /// Of this process: what a busy machine doesn't change.
  static func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }

  static func milliseconds(_ duration: Duration) -> String { rounded(seconds(duration) * 1000, 2) }
  static func rate(_ count: Int, _ duration: Duration) -> String { rounded(Double(count) / seconds(duration), 0) }
  static func microseconds(_ duration: Duration, per count: Int) -> String {
    rounded(seconds(duration) * 1e6 / Double(max(1, count)), 1)
  }

  static func rounded(_ value: Double, _ digits: Int) -> String {
    let scale = pow(10, Double(digits))
    let number = (value * scale).rounded() / scale
    return digits == 0 ? "\(Int(number))" : "\(number)"
  }

  static func percentile(_ samples: [Duration], _ percent: Int) -> Duration {
    let sorted = samples.sorted()
    return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
  }

  /// Of this process, now.
  static func residentMegabytes() -> Int { status("VmRSS:") }

  /// The most that this process has had since `forgetPeak`.
  static func peakMegabytes() -> Int { status("VmHWM:") }

  /// proc(5): 5 written to `clear_refs` sets the peak to what is resident now.
  static func forgetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }

  private static func status(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let words = text.split { $0 == " " || $0 == "\t" }
      if words.first == name[...], words.count > 1 { return (Int(words[1]) ?? 0) * 1024 / 1_000_000 }
    }
    return 0
  }
}

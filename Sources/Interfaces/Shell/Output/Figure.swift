package import RestoreModel

/// Numbers and times as people read them.
package enum Figure {
  /// `1,234,567`
  package static func count(_ value: Int64) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// `one record`, `1,234 records`
  package static func count(_ value: Int64, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// Powers of 1,000: `950 B`, `12.3 MB`
  package static func bytes(_ value: Int64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    var unit = 0
    var scaled = Double(value)
    while scaled.magnitude >= 999.95, unit < units.count - 1 {
      scaled /= 1000
      unit += 1
    }
    guard unit > 0 else { return "\(value) B" }
    let tenths = Int64((scaled * 10).rounded())
    return tenths >= 1000 ? "\((tenths + 5) / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  /// How long ago, in kubectl's form: `59s`, `2m5s`, `3h20m`, `5d`.
  package static func age(_ then: Instant, now: Instant) -> String {
    span(seconds: max(0, now.milliseconds - then.milliseconds) / 1000)
  }

  package static func span(seconds: Int64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
    func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
      small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
    }
    switch seconds {
    case ..<120: return "\(seconds)s"
    case ..<600: return pair(minutes, "m", seconds % 60, "s")
    case ..<10_800: return "\(minutes)m"
    case ..<28_800: return pair(hours, "h", minutes % 60, "m")
    case ..<172_800: return "\(hours)h"
    case ..<691_200: return pair(days, "d", hours % 24, "h")
    case ..<63_072_000: return "\(days)d"
    default: return pair(days / 365, "y", days % 365, "d")
    }
  }

  /// `10 s`, `1.5 s`, `2m5s`: for sentences.
  package static func duration(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    if seconds >= 120 { return span(seconds: seconds) }
    let tenths = attoseconds / 100_000_000_000_000_000
    return tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
  }
}

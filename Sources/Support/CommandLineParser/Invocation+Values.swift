extension Invocation {
  /// The option as a whole number; nil when it isn't given and has no default.
  package func int(_ option: String, in range: ClosedRange<Int64> = .min ... .max) throws(UsageError) -> Int64? {
    guard let text = value(option) else { return nil }
    guard let number = Int64(text), range.contains(number) else {
      throw invalid(option, "a whole number" + Self.bounds(range))
    }
    return number
  }

  private static func bounds(_ range: ClosedRange<Int64>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (.min, .max): ""
    case (let lower, .max): " of at least \(lower)"
    case (.min, let upper): " of at most \(upper)"
    case (let lower, let upper): " between \(lower) and \(upper)"
    }
  }

  /// The option as a length of time: `500ms`, `10s`, `1m30s`, `2h`, `1d`.
  package func duration(_ option: String) throws(UsageError) -> Duration? {
    guard let text = value(option) else { return nil }
    guard let milliseconds = Self.milliseconds(text) else {
      throw invalid(option, "a duration such as 500ms, 10s or 1m30s")
    }
    return .milliseconds(milliseconds)
  }

  /// The option's values as pairs, `key=value` each, in their order.
  package func pairs(_ option: String) throws(UsageError) -> [(key: String, value: String)] {
    var pairs: [(key: String, value: String)] = []
    for text in values(option) {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { throw invalid(option, "key=value") }
      pairs.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
    }
    return pairs
  }

  /// The value isn't repeated: it may be a secret that stands in the wrong place.
  package func invalid(_ option: String, _ expected: String) -> UsageError {
    switch source(option) {
    case .environment(let name): usageError("\(name) must be \(expected)")
    case .configFile: usageError("\(option) in the configuration file must be \(expected)")
    case .commandLine, .standard, nil: usageError("--\(option) must be \(expected)")
    }
  }

  /// Bounded to what a `Duration` of milliseconds holds without overflow.
  static func milliseconds(_ text: String) -> Int64? {
    let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    var total: Int64 = 0
    var rest = text[...]
    var lastUnit = Int64.max
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(letters.count)
      guard let number = Int64(digits), let unit = units[String(letters)], unit < lastUnit else { return nil }
      lastUnit = unit
      let (product, tooLarge) = number.multipliedReportingOverflow(by: unit)
      let (sum, tooLong) = total.addingReportingOverflow(product)
      guard !tooLarge, !tooLong else { return nil }
      total = sum
    }
    return total
  }
}

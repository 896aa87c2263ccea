/// A point in time: milliseconds since 1970-01-01T00:00:00Z, as Kafka's timestamps are.
package struct Instant: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

  /// RFC 3339 in UTC with milliseconds: `2021-01-01T00:00:00.000Z`. Years outside 0000…9999, which RFC 3339 can't write, take the
  /// digits or the sign they need, and don't parse.
  package var description: String {
    let day = milliseconds.floorDivided(by: 86_400_000)
    // Not by multiplying back, which would overflow at the very first instant.
    let rest = (milliseconds % 86_400_000 + 86_400_000) % 86_400_000
    let (year, month, dayOfMonth) = Self.civil(fromDays: day)
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T\(padded(rest / 3_600_000, 2)):"
      + "\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1000 % 60, 2)).\(padded(rest % 1000, 3))Z"
  }

  /// 0000-01-01T00:00:00.000Z to 9999-12-31T23:59:59.999Z.
  private static let written: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

  /// RFC 3339, any offset, fractions of a second cut to milliseconds (towards the past); a leap second counts as the next minute's first.
  /// Nil if `text` isn't that, or an offset carries it beyond the years that can be written: what is read can be written and read again.
  package init?(rfc3339 text: String) {
    var text = text
    let read = text.withUTF8 { Self.read($0) }
    guard let read else { return nil }
    self = read
  }

  private static func read(_ text: UnsafeBufferPointer<UInt8>) -> Instant? {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(digits: 4), scanner.take("-"), let month = scanner.number(digits: 2),
      scanner.take("-"),
      let day = scanner.number(digits: 2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
      let hour = scanner.number(digits: 2), scanner.take(":"), let minute = scanner.number(digits: 2),
      scanner.take(":"),
      let second = scanner.number(digits: 2)
    else { return nil }
    guard (1...12).contains(month), day >= 1, day <= days(inMonth: month, of: year), hour <= 23, minute <= 59,
      second <= 60
    else { return nil }
    var milliseconds: Int64 = 0
    if scanner.take(".") {
      guard let fraction = scanner.fraction() else { return nil }
      milliseconds = fraction
    }
    var offset: Int64 = 0
    if !(scanner.take("Z") || scanner.take("z")) {
      let sign: Int64
      if scanner.take("+") { sign = 1 } else if scanner.take("-") { sign = -1 } else { return nil }
      guard let hours = scanner.number(digits: 2), scanner.take(":"), let minutes = scanner.number(digits: 2),
        hours <= 23,
        minutes <= 59
      else { return nil }
      offset = sign * (hours * 60 + minutes)
    }
    guard scanner.isAtEnd else { return nil }
    let minutes = (days(fromYear: year, month: month, day: day) * 24 + hour) * 60 + minute - offset
    let instant = Instant(milliseconds: (minutes * 60 + second) * 1000 + milliseconds)
    return written.contains(instant.milliseconds) ? instant : nil
  }

  // Days and civil dates: the proleptic Gregorian calendar counted in eras of 400 years that begin on the first of March.
  private static func days(fromYear year: Int64, month: Int64, day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = y.floorDivided(by: 400)
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = days + 719_468
    let era = z.floorDivided(by: 146_097)
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
  }

  private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

private struct DigitScanner {
  private let text: UnsafeBufferPointer<UInt8>
  private var position = 0
  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }
  var isAtEnd: Bool { position == text.count }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard !isAtEnd, text[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func number(digits: Int) -> Int64? {
    var value: Int64 = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// The digits after a decimal point, as milliseconds; at least one is needed, those after the third don't count.
  mutating func fraction() -> Int64? {
    var value: Int64 = 0
    var scale: Int64 = 100
    var count = 0
    while let digit = digit() {
      value += digit * scale
      scale /= 10
      count += 1
    }
    return count > 0 ? value : nil
  }

  private mutating func digit() -> Int64? {
    guard !isAtEnd, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) else { return nil }
    position += 1
    return Int64(text[position - 1] - UInt8(ascii: "0"))
  }
}

/// How a string is written.
enum YAMLText {
  /// On one line: as it is when nobody can mistake it, else in double quotes.
  static func inline(_ string: String) -> String { isUnmistakable(string) ? string : quoted(string) }

  /// Lines of text as a literal block, without the last newline; nil for a string that can't stand so.
  static func block(_ string: String, indent: Int) -> String? {
    // Bytes, since to Swift a space and an accent on it are one character, which is no space.
    let endsLine = string.utf8.last == UInt8(ascii: "\n")
    let body = endsLine ? string.utf8.dropLast() : string.utf8[...]
    let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let space = UInt8(ascii: " ")
    // An empty line at either end, or a first line that is indented, would need indicators of their own.
    guard lines.count > 1, let first = lines.first, let last = lines.last, !first.isEmpty, !last.isEmpty,
      first.first != space, !lines.contains(where: { !$0.isEmpty && $0.allSatisfy { $0 == space } }),
      string.unicodeScalars.allSatisfy({ $0 == "\n" || isPrintable($0) })
    else { return nil }
    let margin = String(repeating: " ", count: indent)
    return (endsLine ? "|" : "|-")
      + lines.map { $0.isEmpty ? "\n" : "\n" + margin + String(decoding: $0, as: UTF8.self) }.joined()
  }

  /// Letters, digits and a few marks, that no reader of YAML 1.1 or 1.2 takes for a number, a date, a truth or null.
  private static func isUnmistakable(_ string: String) -> Bool {
    let bytes = Array(string.utf8)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 1024 else { return false }
    guard isLetter(first) || isDigit(first) || first == UInt8(ascii: "_") || first == UInt8(ascii: "/"),
      last != UInt8(ascii: ":"), last != UInt8(ascii: " ")
    else { return false }
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: ":"), UInt8(ascii: " "):
        // `: ` begins a value, ` #` a comment; two spaces would survive, but read badly.
        if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: " ") { return false }
      case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: "+"),
        UInt8(ascii: "-"),
        UInt8(ascii: "="), UInt8(ascii: ","):
        break
      default: guard isLetter(byte) || isDigit(byte) else { return false }
      }
    }
    if isLetter(first) { return !words.contains(string.lowercased()) }
    // Of what begins with a digit, only what has a letter that occurs in no number, date or time of any YAML.
    return !isDigit(first) || bytes.contains { isLetter($0) && !numeric.contains($0 | 0x20) }
  }

  /// YAML 1.1's additions included.
  private static let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"]

  private static let numeric = Set("abcdefxotz_".utf8)

  private static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where isPrintable(scalar): text.unicodeScalars.append(scalar)
      case _ where scalar.value <= 0xFF: text += "\\x" + hexadecimal(scalar, 2)
      case _ where scalar.value <= 0xFFFF: text += "\\u" + hexadecimal(scalar, 4)
      default: text += "\\U" + hexadecimal(scalar, 8)
      }
    }
    return text + "\""
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar, _ width: Int) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: width - digits.count) + digits
  }

  /// YAML 1.2.2, 5.1, without what libyaml takes for the end of a line, and without direction marks, which reorder a terminal's line.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0x200D, 0x2010...0x2027, 0x202F...0x2065, 0x206A...0xD7FF, 0xE000...0xFEFE,
      0xFF00...0xFFFD,
      0x10000...0x10FFFF:
      true
    default: false
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

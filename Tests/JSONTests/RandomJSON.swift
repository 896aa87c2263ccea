import JSON
import Seeded

/// Values that are hard to write: strings that look like something else, every kind of character, numbers at their bounds.
struct RandomJSON {
  private var generator: SeededGenerator
  init(seed: UInt64) { generator = SeededGenerator(seed) }

  mutating func value(depth: Int = 5) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .int(int())
    case 3: return .double(double())
    case 4, 5: return .string(string())
    case 6: return .array((0..<length()).map { _ in value(depth: depth - 1) })
    default:
      var object = JSONObject()
      for _ in 0..<length() { object[key()] = value(depth: depth - 1) }
      return .object(object)
    }
  }

  private mutating func length() -> Int {
    Int.random(in: 0...Int.random(in: 0...12, using: &generator), using: &generator)
  }

  private mutating func int() -> Int64 {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: Int64.random(in: -3...3, using: &generator)
    case 1: [.min, .max, .min + 1, 1 << 53 + 1].randomElement(using: &generator) ?? 0
    default: Int64(bitPattern: generator.next())
    }
  }

  private mutating func double() -> Double {
    let interesting: [Double] = [
      0, -0.0, 1, 0.1, 1e300, -1e-300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e15, 1e16, 123456789.125,
    ]
    let any = Double(bitPattern: generator.next())
    return Bool.random(using: &generator) && any.isFinite ? any : interesting.randomElement(using: &generator) ?? 0
  }

  /// Without NUL, which a key can't hold.
  private mutating func key() -> String {
    let text = string()
    return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\0" }))
  }

  mutating func string() -> String {
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return Self.awkward.randomElement(using: &generator) ?? ""
    case 1: return (0..<length()).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }.joined()
    case 2: return String(String.UnicodeScalarView((0..<length()).map { _ in scalar() }))
    case 3: return String(repeating: "long ", count: Int.random(in: 0..<300, using: &generator))
    default:
      let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789-_./:+ ,=@")
      return String((0..<length()).map { _ in letters.randomElement(using: &generator) ?? "a" })
    }
  }

  private mutating func scalar() -> Unicode.Scalar {
    while true {
      let bound: UInt32 = [0x20, 0x100, 0x3000, 0x11_0000].randomElement(using: &generator) ?? 0x80
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<bound, using: &generator)) { return scalar }
    }
  }

  private static let pieces = [
    "\n", "\r", "\r\n", "\t", " ", "  ", ":", ": ", " #", "#", "-", "- ", "---", "...", "\"", "'", "\\", "|", ">", "a",
    "é", "e\u{301}",
    "\u{301}", "0", "{", "}", "[", "]", "&x", "*x", "!x", "%", "@", "`", "\u{0}", "\u{7F}", "\u{85}", "\u{2028}",
    "\u{FEFF}", "😀", "?", "<<",
  ]

  static let awkward = [
    "", "null", "Null", "~", "true", "False", "yes", "NO", "on", "off", "y", "N", "0", "-1", "+1", "1.", ".5", "1e3",
    "1E+3", "-.inf", ".nan",
    "0x1F", "0o17", "010", "0b101", "1_000", "12:30", "12:30:45", "2021-01-01", "2021-01-01T00:00:00Z", "=", "<<",
    "- a", "a: b", "a:",
    "a #b", "#", "%YAML", "---", "...", "&a", "*a", "!a", "|", ">", "'", "\"", "{}", "[]", " a", "a ", "a\n", "\na",
    "a\n\n", "a\nb", "a\n b\n",
    " a\nb", "a\n \nb", "6e10", "1d", "9223372036854775808", "inf", "nan", "10s", "1:2", "3f2a", "\u{301}a\n \u{301}b",
  ]
}

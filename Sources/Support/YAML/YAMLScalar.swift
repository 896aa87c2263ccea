import JSON

/// What a scalar stands for: YAML 1.2.2, 10.3.2.
enum YAMLScalar {
  private static let core = "tag:yaml.org,2002:"

  static func value(_ scalar: YAMLEvents.Scalar, tag: String?, _ position: YAMLPosition) throws(YAMLError) -> JSONValue
  {
    guard let tag else { return scalar.isPlain ? try resolved(scalar.text, position) : .string(scalar.text) }
    // `!` alone keeps a scalar from being resolved.
    if tag == "!" || tag == core + "str" { return .string(scalar.text) }
    guard tag.hasPrefix(core) else { throw YAMLError(position, "the tag \(FieldPath.quoted(tag)) is not known") }
    let value = try resolved(scalar.text, position)
    switch (tag.dropFirst(core.count), value) {
    case ("null", .null), ("bool", .bool), ("int", .int), ("float", .double): return value
    case ("float", .int(let int)): return .double(Double(int))
    default: throw YAMLError(position, "the value is not what the tag \(FieldPath.quoted(tag)) promises")
    }
  }

  private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]

  static func isNull(_ scalar: YAMLEvents.Scalar, tag: String?) -> Bool {
    tag == core + "null" || (tag == nil && scalar.isPlain && nulls.contains(scalar.text))
  }

  static func check(tag: String?, is name: String, _ position: YAMLPosition) throws(YAMLError) {
    guard let tag, tag != "!", tag != core + name else { return }
    throw YAMLError(position, "the tag \(FieldPath.quoted(tag)) doesn't fit here")
  }

  private static func resolved(_ text: String, _ position: YAMLPosition) throws(YAMLError) -> JSONValue {
    if nulls.contains(text) { return .null }
    switch text {
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    switch YAMLNumber(text) {
    case nil: return .string(text)
    case .int(let value): return .int(value)
    case .double(let value): return .double(value)
    case .refused(let reason): throw YAMLError(position, reason)
    }
  }
}

/// A plain scalar that looks like a number.
enum YAMLNumber {
  case int(Int64)
  case double(Double)
  case refused(String)

  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, Self.isDigit(first) || "+-.".utf8.contains(first) else { return nil }
    if let value = Self.prefixed(text) {
      self = value
      return
    }
    let unsigned = "+-".utf8.contains(first) ? bytes.dropFirst() : bytes[...]
    switch String(decoding: unsigned, as: UTF8.self) {
    case ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN":
      self = .refused("infinity and what is not a number have no JSON form; quote it if it is text")
    case _ where unsigned.allSatisfy(Self.isDigit) && !unsigned.isEmpty:
      guard unsigned.count == 1 || unsigned.first != UInt8(ascii: "0") else {
        self = .refused(
          "a number with leading zeros can mean two things; quote it if it is text, write 0o… if it is octal")
        return
      }
      self = Int64(text).map { .int($0) } ?? Self.tooLarge
    case _ where Self.isReal(unsigned):
      // Swift's own reading accepts more ("0x1p3", "inf"), none of which passes `isReal`.
      guard let value = Double(Self.completed(text)) else { return nil }
      self = value.isFinite ? .double(value) : .refused("the number is larger than a double can hold")
    default: return nil
    }
  }

  private static let tooLarge = YAMLNumber.refused("the number doesn't fit 64 bits; quote it if it is text")

  /// `0o17`, `0x1F`.
  private static func prefixed(_ text: String) -> YAMLNumber? {
    let digits = text.dropFirst(2)
    let isOctal = text.hasPrefix("0o") && digits.allSatisfy { ("0"..."7").contains($0) }
    let isHexadecimal = text.hasPrefix("0x") && digits.allSatisfy { $0.isASCII && $0.isHexDigit }
    guard isOctal || isHexadecimal, !digits.isEmpty else { return nil }
    return Int64(digits, radix: isOctal ? 8 : 16).map { .int($0) } ?? tooLarge
  }

  /// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
  private static func isReal(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    func digits(_ rest: inout ArraySlice<UInt8>) -> Int {
      let run = rest.prefix(while: isDigit)
      rest = rest.dropFirst(run.count)
      return run.count
    }
    let whole = digits(&rest)
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      if digits(&rest) == 0, whole == 0 { return false }
    } else if whole == 0 {
      return false
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
      if digits(&rest) == 0 { return false }
    }
    return rest.isEmpty
  }

  /// Swift wants a digit on each side of the point.
  private static func completed(_ text: String) -> String {
    var out = ""
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      guard character == "." else {
        out.append(character)
        continue
      }
      let before = index > 0 && characters[index - 1].isNumber
      let after = index + 1 < characters.count && characters[index + 1].isNumber
      out += (before ? "" : "0") + "." + (after ? "" : "0")
    }
    return out
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

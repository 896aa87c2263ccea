/// Reads documents as programs write them, several times faster than jansson: whole numbers, strings with no escapes but the short ones,
/// little nesting. It gives up, without saying why, on all that is rare, doubtful or wrong; jansson then decides, and words the error. What it
/// does read it must read exactly as jansson does.
struct PlainDocument {
  private static let deepest = 32
  /// Keys are compared each with each.
  private static let mostMembers = 64
  /// Digits that fit into 64 bits whatever they are.
  private static let mostDigits = 18

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// Nil when jansson has to decide.
  static func read(_ bytes: UnsafeRawBufferPointer) -> JSONValue? {
    var document = PlainDocument(bytes: bytes)
    // Scalars at the root are a matter of the caller's choice.
    guard let first = document.next(), first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
      let value = document.value(depth: 0), document.next() == nil
    else { return nil }
    return value
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next byte that is no white space, which stays there.
  private mutating func next() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard next() == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) -> JSONValue? {
    guard let first = next(), depth < Self.deepest else { return nil }
    switch first {
    case UInt8(ascii: "\""): return string().map { .string($0) }
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "t"): return word("true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return word("false") ? .bool(false) : nil
    case UInt8(ascii: "n"): return word("null") ? .null : nil
    default: return integer().map { .int($0) }
    }
  }

  private mutating func word(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
    position += count
    return true
  }

  /// A fraction or an exponent after it is not what may follow a value, so that the document is left to jansson.
  private mutating func integer() -> Int64? {
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let start = position
    var number: Int64 = 0
    while position < bytes.count, position - start < Self.mostDigits {
      let digit = bytes[position] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      number = number * 10 + Int64(digit)
      position += 1
    }
    // No digit, one too many (which then isn't what may follow), or a zero before others.
    guard position > start, position == start + 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
    return isNegative ? -number : number
  }

  private mutating func string() -> String? {
    position += 1
    let start = position
    var seen: UInt8 = 0
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        position += 1
        return seen < 0x80 ? String(decoding: text, as: UTF8.self) : String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"): return escaped(from: start)
      case 0..<0x20: return nil
      default:
        seen |= byte
        position += 1
      }
    }
    return nil
  }

  /// The same, from the first backslash on.
  private mutating func escaped(from start: Int) -> String? {
    var text = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard position < bytes.count, let meant = Self.meaning(of: bytes[position]) else { return nil }
        text.append(meant)
        position += 1
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private static func meaning(of escape: UInt8) -> UInt8? {
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): escape
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }

  private mutating func array(depth: Int) -> JSONValue? {
    position += 1
    var elements: [JSONValue] = []
    if take("]") { return .array(elements) }
    while let element = value(depth: depth + 1) {
      elements.append(element)
      if take("]") { return .array(elements) }
      guard take(",") else { return nil }
    }
    return nil
  }

  private mutating func object(depth: Int) -> JSONValue? {
    position += 1
    var members: [JSONObject.Member] = []
    if take("}") { return .object(JSONObject(distinct: members)) }
    members.reserveCapacity(8)
    while next() == UInt8(ascii: "\""), let key = string() {
      for member in members where ExactString(member.key) == ExactString(key) { return nil }
      guard members.count < Self.mostMembers, take(":"), let value = value(depth: depth + 1) else { return nil }
      members.append((key, value))
      if take("}") { return .object(JSONObject(distinct: members)) }
      guard take(",") else { return nil }
    }
    return nil
  }
}

/// Takes a document apart, for its index. Each method takes what it is named after, and answers whether it stood there.
struct JSONScanner {
  private static let deepest = 64
  private static let mostMembers = 64

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private(set) var nodes: [JSONIndex.Node] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    nodes.reserveCapacity(bytes.count / 10 + 8)
  }

  var isContainer: Bool { nodes.first.map { $0.kind == .object || $0.kind == .array } ?? false }

  mutating func document() -> Bool {
    guard value(depth: 0) else { return false }
    skipSpace()
    return position == bytes.count
  }

  /// 0, which may stand nowhere outside of a string and nowhere inside one, at the end.
  private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func value(depth: Int) -> Bool {
    skipSpace()
    switch byte {
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return integer()
    case UInt8(ascii: "t"): return word("true", .yes)
    case UInt8(ascii: "f"): return word("false", .no)
    case UInt8(ascii: "n"): return word("null", .null)
    default: return false
    }
  }

  private mutating func begin(_ kind: JSONIndex.Kind) -> Int {
    nodes.append(JSONIndex.Node(kind: kind, start: UInt32(position)))
    return nodes.count - 1
  }

  private mutating func end(_ node: Int, count: Int) {
    nodes[node].count = UInt32(count)
    nodes[node].end = UInt32(nodes.count)
  }

  private mutating func object(depth: Int) -> Bool {
    guard depth < Self.deepest else { return false }
    let object = begin(.object)
    position += 1
    var count = 0
    skipSpace()
    if !take("}") {
      repeat {
        skipSpace()
        guard count < Self.mostMembers, byte == UInt8(ascii: "\""), key(after: count, of: object) else { return false }
        skipSpace()
        guard take(":"), value(depth: depth + 1) else { return false }
        count += 1
        skipSpace()
      } while take(",")
      guard take("}") else { return false }
    }
    end(object, count: count)
    return true
  }

  /// One that none of the members before has.
  private mutating func key(after count: Int, of object: Int) -> Bool {
    let key = nodes.count
    guard string(), !nodes[key].isEscaped else { return false }
    var other = object + 1
    for _ in 0..<count {
      if nodes[other].count == nodes[key].count, text(other).elementsEqual(text(key)) { return false }
      other = Int(nodes[other + 1].end)
    }
    return true
  }

  private func text(_ node: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
    bytes[Int(nodes[node].start)..<Int(nodes[node].start + nodes[node].count)]
  }

  private mutating func array(depth: Int) -> Bool {
    guard depth < Self.deepest else { return false }
    let array = begin(.array)
    position += 1
    var count = 0
    skipSpace()
    if !take("]") {
      repeat {
        guard value(depth: depth + 1) else { return false }
        count += 1
        skipSpace()
      } while take(",")
      guard take("]") else { return false }
    }
    end(array, count: count)
    return true
  }

  private mutating func string() -> Bool {
    position += 1
    let node = begin(.string)
    let start = position
    var isASCII = true
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        end(node, count: position - start)
        position += 1
        return isASCII || Self.isUTF8(bytes[start..<position])
      }
      guard byte >= 0x20 else { return false }
      if byte == UInt8(ascii: "\\") {
        position += 1
        guard JSONIndex.unescaped(self.byte) != nil else { return false }
        nodes[node].isEscaped = true
      }
      isASCII = isASCII && byte < 0x80
      position += 1
    }
    return false
  }

  private static func isUTF8(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    (try? UTF8Span(validating: UnsafeBufferPointer(rebasing: bytes).span)) != nil
  }

  private mutating func integer() -> Bool {
    let node = begin(.integer)
    _ = take("-")
    let digits = position
    while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    let count = position - digits
    guard count == 1 || (2...18).contains(count) && bytes[digits] != UInt8(ascii: "0") else { return false }
    // What makes a number a real stands where nothing else may.
    end(node, count: 0)
    return true
  }

  private mutating func word(_ word: StaticString, _ kind: JSONIndex.Kind) -> Bool {
    let node = begin(kind)
    guard bytes.count - position >= word.utf8CodeUnitCount,
      bytes[position..<position + word.utf8CodeUnitCount].elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { return false }
    position += word.utf8CodeUnitCount
    end(node, count: 0)
    return true
  }
}

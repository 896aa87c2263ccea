/// A value of a document that has an index; valid as long as the bytes and the nodes are.
struct IndexedValue {
  let bytes: UnsafeBufferPointer<UInt8>
  let nodes: UnsafeBufferPointer<JSONIndex.Node>
  /// Its node.
  let position: Int

  private var node: JSONIndex.Node { nodes[position] }
  var kind: JSONIndex.Kind { node.kind }
  /// A string that has to be read through its escapes.
  var isEscaped: Bool { node.isEscaped }
  /// Of what an object or an array holds.
  var count: Int { Int(node.count) }
  /// What is written after it, and after what it holds.
  var next: IndexedValue { at(Int(node.end)) }
  /// An array's first element, an object's first key, a key's value: what is written first after it.
  var inner: IndexedValue { at(position + 1) }

  func at(_ position: Int) -> IndexedValue { IndexedValue(bytes: bytes, nodes: nodes, position: position) }

  var int: Int64? {
    guard kind == .integer else { return nil }
    var (at, value): (Int, Int64) = (Int(node.start), 0)
    let isNegative = bytes[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) {
      value = value * 10 + Int64(bytes[at] - UInt8(ascii: "0"))
      at += 1
    }
    return isNegative ? -value : value
  }

  /// A string as it is written, a key as it is.
  var written: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[Int(node.start)..<Int(node.start) + Int(node.count)])
  }

  var string: String? {
    guard kind == .string else { return nil }
    guard isEscaped else { return String(decoding: written, as: UTF8.self) }
    var text: [UInt8] = []
    var isAfterBackslash = false
    for byte in written {
      if isAfterBackslash {
        text.append(JSONIndex.unescaped(byte) ?? byte)
        isAfterBackslash = false
      } else if byte == UInt8(ascii: "\\") {
        isAfterBackslash = true
      } else {
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Of an array.
  var elements: [IndexedValue] {
    var (elements, element): ([IndexedValue], IndexedValue) = ([], inner)
    elements.reserveCapacity(count)
    for _ in 0..<count {
      elements.append(element)
      element = element.next
    }
    return elements
  }

  /// Of an object.
  var keys: [IndexedValue] {
    var (keys, key): ([IndexedValue], IndexedValue) = ([], inner)
    keys.reserveCapacity(count)
    for _ in 0..<count {
      keys.append(key)
      key = key.inner.next
    }
    return keys
  }

  var value: JSONValue {
    switch kind {
    case .null: .null
    case .yes: .bool(true)
    case .no: .bool(false)
    case .integer: .int(int ?? 0)
    case .string: .string(string ?? "")
    case .array: .array(elements.map(\.value))
    case .object: .object(JSONObject(distinct: keys.map { ($0.string ?? "", $0.inner.value) }))
    }
  }
}

/// Reads the protocol's primitive types out of an answer. Whatever the bytes say, it never leaves them, and reserves no memory for more elements
/// than there are bytes.
package struct WireReader {
  private let bytes: [UInt8]
  private var position: Int
  private let isFlexible: Bool

  package init(_ bytes: [UInt8], at position: Int = 0, isFlexible: Bool) {
    self.bytes = bytes
    self.position = min(max(0, position), bytes.count)
    self.isFlexible = isFlexible
  }

  var remaining: Int { bytes.count - position }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(WireError) -> Number {
    let size = Number.bitWidth / 8
    guard remaining >= size else { throw .cutOff }
    var number: Number = 0
    for byte in bytes[position..<(position + size)] { number = number << 8 | Number(truncatingIfNeeded: byte) }
    position += size
    return number
  }

  mutating func flag() throws(WireError) -> Bool { try number(UInt8.self) != 0 }

  /// `UNSIGNED_VARINT`: at most 32 bits in at most five bytes.
  mutating func unsigned() throws(WireError) -> UInt32 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      let byte = try number8()
      number |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 {
        guard let result = UInt32(exactly: number) else { throw .length(Int64(number)) }
        return result
      }
    }
    throw .length(Int64(number))
  }

  private mutating func number8() throws(WireError) -> UInt8 { try number(UInt8.self) }

  /// Nil for null.
  mutating func nullableText() throws(WireError) -> [UInt8]? {
    let length = isFlexible ? Int(try unsigned()) - 1 : Int(try number(Int16.self))
    return length == -1 ? nil : try take(length)
  }

  mutating func text() throws(WireError) -> String {
    guard let text = try optionalText() else { throw .text }
    return text
  }

  mutating func optionalText() throws(WireError) -> String? {
    guard let bytes = try nullableText() else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .text }
    return text
  }

  private mutating func take(_ count: Int) throws(WireError) -> [UInt8] {
    guard count >= 0, count <= remaining else { throw .length(Int64(count)) }
    defer { position += count }
    return Array(bytes[position..<(position + count)])
  }

  /// An array; a null one is empty. Each element has a byte at least, so a count beyond the bytes is wrong.
  mutating func array<Element>(
    _ element: (inout WireReader) throws(WireError) -> Element
  ) throws(WireError) -> [Element] {
    let count = isFlexible ? Int(try unsigned()) - 1 : Int(try number(Int32.self))
    guard count != -1 else { return [] }
    guard count >= 0, count <= remaining else { throw .length(Int64(count)) }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try element(&self)) }
    return elements
  }

  /// The end of a structure: tagged fields, none of which we need.
  mutating func endStructure() throws(WireError) {
    guard isFlexible else { return }
    let count = try unsigned()
    guard Int(count) <= remaining else { throw .length(Int64(count)) }
    for _ in 0..<count {
      _ = try unsigned()
      _ = try take(Int(try unsigned()))
    }
  }
}

/// Writes the protocol's primitive types (kafka.apache.org/protocol, "Protocol Primitive Types"), in the classic or in the flexible form.
package struct WireWriter {
  package private(set) var bytes: [UInt8] = []
  let isFlexible: Bool

  package init(isFlexible: Bool) { self.isFlexible = isFlexible }

  mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  mutating func write(raw more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  mutating func write(_ text: String) {
    write(lengthOfText: text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func write(_ text: [UInt8]) {
    write(lengthOfText: text.count)
    bytes.append(contentsOf: text)
  }

  mutating func writeNullable(_ text: String?) {
    if let text { return write(text) }
    if isFlexible { write(unsigned: 0) } else { write(Int16(-1)) }
  }

  /// `NULLABLE_STRING` in the old form, which a request's header keeps for the client id in every version.
  mutating func writeClassic(_ text: String) {
    write(Int16(truncatingIfNeeded: text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func write(lengthOfText count: Int) {
    if isFlexible {
      write(unsigned: UInt32(truncatingIfNeeded: count + 1))
    } else {
      write(Int16(truncatingIfNeeded: count))
    }
  }

  /// The count before an array's elements, and the length before bytes.
  mutating func write(count: Int) {
    if isFlexible {
      write(unsigned: UInt32(truncatingIfNeeded: count + 1))
    } else {
      write(Int32(truncatingIfNeeded: count))
    }
  }

  mutating func write<Element>(_ elements: [Element], _ body: (inout WireWriter, Element) -> Void) {
    write(count: elements.count)
    for element in elements { body(&self, element) }
  }

  /// `UNSIGNED_VARINT`.
  mutating func write(unsigned number: UInt32) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The end of a structure: no tagged fields.
  mutating func endStructure() {
    if isFlexible { bytes.append(0) }
  }
}

import Glibc

/// Text that is taken from its beginning, and only as our own encoders write it: one spelling of each thing, so that what was taken would be written byte by
/// byte as it stood there. What else stands there is left, and the answer is nil or false.
///
/// The bytes are to stay where they are for as long as it is used.
struct WrittenText {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count - position }

  @inline(__always)
  mutating func take(_ text: StaticString) -> Bool {
    take(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @inline(__always)
  mutating func take(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let here = bytes.baseAddress, let start = text.baseAddress, text.count <= count,
      memcmp(here + position, start, text.count) == 0
    else { return false }
    position += text.count
    return true
  }

  /// That many bytes, whatever they are.
  @inline(__always)
  mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count <= self.count else { return nil }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// An integer of at most 18 digits; others take the way of any other document.
  @inline(__always)
  mutating func int() -> Int64? {
    let isNegative = take("-")
    let start = position
    guard let value = digits(atMost: 18), position > start else { return nil }
    if bytes[start] == UInt8(ascii: "0"), isNegative || position > start + 1 { return nil }
    return isNegative ? -value : value
  }

  /// A number in 20 digits, with zeros before it.
  @inline(__always)
  mutating func offset() -> Int64? {
    guard take("0") else { return nil }
    let start = position
    guard let value = digits(atMost: 19), position == start + 19 else { return nil }
    return value
  }

  /// Nil beyond 64 bits.
  @inline(__always)
  private mutating func digits(atMost most: Int) -> Int64? {
    var value: UInt64 = 0
    let end = position + min(most, count)
    while position < end {
      let digit = bytes[position] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      // Below 10^19, which is less than 2^64.
      value = value &* 10 &+ UInt64(digit)
      position += 1
    }
    return Int64(exactly: value)
  }
}

extension WrittenText {
  /// A member that follows another one, in an object within a list that the document's object has.
  @inline(__always)
  mutating func int(_ name: StaticString) -> Int64? {
    guard key(name) else { return nil }
    return int()
  }

  /// The same of a string of as many bytes, which are not looked at.
  @inline(__always)
  mutating func text(_ name: StaticString, _ count: Int) -> UnsafeRawBufferPointer? {
    guard key(name), take("\""), let text = take(count), take("\"") else { return nil }
    return text
  }

  @inline(__always)
  mutating func key(_ name: StaticString) -> Bool {
    let start = position
    if take(",\n      \""), take(name), take("\": ") { return true }
    // Another name may be tried.
    position = start
    return false
  }
}

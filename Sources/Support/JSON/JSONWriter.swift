import CJansson
import Glibc

/// Writes values into a buffer that it keeps, so that a caller who writes many allocates no result for each.
package struct JSONWriter: ~Copyable {
  private var buffer: UnsafeMutableRawBufferPointer

  /// - Parameter capacity: bytes to begin with; the buffer grows to the longest value written.
  package init(capacity: Int = 1024) {
    buffer = .allocate(byteCount: max(capacity, 1), alignment: 1)
  }

  deinit { buffer.deallocate() }

  /// Hands the bytes of `value` to `body`, which must not keep them.
  package mutating func write<Result, Failure: Error>(
    _ value: JSONValue, _ style: JSONValue.Style, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let count = fill(value, flags: style.flags)
    return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }

  private mutating func fill(_ value: JSONValue, flags: Int) -> Int {
    // Every Swift value can be written, so jansson fails only when memory runs out, where Swift itself ends the process.
    guard let tree = JanssonValue(value) else { abort() }
    while true {
      let count = tree.dump(into: buffer, flags: flags)
      if count == 0 { abort() }
      if count <= buffer.count { return count }
      buffer.deallocate()
      buffer = .allocate(byteCount: max(count, buffer.count * 2), alignment: 1)
    }
  }
}

extension JSONValue {
  /// How a value is written; never with a newline at the end.
  package enum Style: Sendable {
    /// No white space, members in their order.
    case compact
    /// Two spaces a level, members in their order.
    case pretty
    /// jansson's `JSON_SORT_KEYS | JSON_COMPACT`: no white space, members sorted by the bytes of their keys. Equal values have equal bytes.
    case canonical

    var flags: Int {
      switch self {
      case .compact: Int(JSON_ENCODE_ANY | JSON_COMPACT)
      case .pretty: Int(JSON_ENCODE_ANY) | 2
      case .canonical: Int(JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS)
      }
    }
  }

  /// UTF-8. Infinity and what is not a number have no JSON form and become null; a key with a NUL in it is written, though `parse` refuses it.
  package func serialized(_ style: Style = .compact) -> [UInt8] {
    var writer = JSONWriter()
    return writer.write(self, style) { Array($0) }
  }

  /// The same as text.
  package func text(_ style: Style = .compact) -> String { String(decoding: serialized(style), as: UTF8.self) }
}

extension JSONValue: CustomStringConvertible {
  package var description: String { text() }
}

import CJansson
import Glibc

/// One reference to a jansson value, dropped with this.
struct JanssonValue: ~Copyable {
  private let reference: UnsafeMutablePointer<json_t>

  /// Parses a whole document. Nesting is bounded by jansson (2048 levels in 2.14), integers are exact or refused, and so are invalid
  /// UTF-8, lone surrogates and a second member with the same key.
  init(parsing bytes: UnsafeRawBufferPointer, flags: Int32) throws(JSONParseError) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else {
      throw JSONParseError(line: 1, column: 0, position: 0, text: "the document is empty")
    }
    // jansson counts positions in C's int.
    guard bytes.count < Int(Int32.max) else {
      throw JSONParseError(line: 1, column: 0, position: 0, text: "the document is larger than 2 GiB")
    }
    // jansson takes a NUL for the end of the document and would ignore what follows.
    if let nul = memchr(base, 0, bytes.count) { throw JSONParseError(nulAt: UnsafeRawPointer(nul) - base, of: bytes) }
    var error = json_error_t()
    guard
      let value = json_loadb(
        base.assumingMemoryBound(to: CChar.self), bytes.count, Int(flags | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL),
        &error)
    else { throw JSONParseError(error) }
    reference = value
  }

  /// Fails only for want of memory.
  init?(_ value: JSONValue) {
    guard let new = Self.make(value) else { return nil }
    reference = new
  }

  deinit { json_decref(reference) }

  var value: JSONValue { Self.read(reference) }

  /// Writes into `buffer` as much as fits. Returns how much there is to write; 0 means that memory ran out.
  func dump(into buffer: UnsafeMutableRawBufferPointer, flags: Int) -> Int {
    json_dumpb(reference, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, flags)
  }
}

extension JanssonValue {
  private static func read(_ reference: UnsafeMutablePointer<json_t>) -> JSONValue {
    switch reference.pointee.type {
    case JSON_TRUE: return .bool(true)
    case JSON_FALSE: return .bool(false)
    case JSON_INTEGER: return .int(json_integer_value(reference))
    case JSON_REAL: return .double(json_real_value(reference))
    case JSON_STRING: return .string(text(json_string_value(reference), json_string_length(reference)))
    case JSON_ARRAY:
      let count = json_array_size(reference)
      var elements: [JSONValue] = []
      elements.reserveCapacity(count)
      for index in 0..<count {
        if let element = json_array_get(reference, index) { elements.append(read(element)) }
      }
      return .array(elements)
    case JSON_OBJECT: return .object(readMembers(reference))
    default: return .null
    }
  }

  /// In the document's order, which jansson keeps.
  private static func readMembers(_ reference: UnsafeMutablePointer<json_t>) -> JSONObject {
    // jansson has refused a key that occurs twice.
    var members: [JSONObject.Member] = []
    members.reserveCapacity(json_object_size(reference))
    var iterator = json_object_iter(reference)
    while let member = iterator {
      if let value = json_object_iter_value(member) {
        members.append((text(json_object_iter_key(member), json_object_iter_key_len(member)), read(value)))
      }
      iterator = json_object_iter_next(reference, member)
    }
    return JSONObject(distinct: members)
  }

  private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// A new reference; nil when memory ran out.
  private static func make(_ value: JSONValue) -> UnsafeMutablePointer<json_t>? {
    switch value {
    case .null: return json_null()
    case .bool(let value): return value ? json_true() : json_false()
    case .int(let value): return json_integer(value)
    // JSON has no word for infinity or for what is not a number; null is what JavaScript writes for them.
    case .double(let value): return value.isFinite ? json_real(value) : json_null()
    case .string(let value):
      return withText(value) { json_stringn_nocheck($0, $1) }
    case .array(let elements):
      guard let array = json_array() else { return nil }
      for element in elements where json_array_append_new(array, make(element)) != 0 {
        json_decref(array)
        return nil
      }
      return array
    case .object(let members):
      guard let object = json_object() else { return nil }
      for (key, value) in members
      where withText(key, { json_object_setn_new_nocheck(object, $0, $1, make(value)) }) != 0 {
        json_decref(object)
        return nil
      }
      return object
    }
  }

  private static func withText<Result>(_ text: String, _ body: (UnsafePointer<CChar>, Int) -> Result) -> Result {
    var text = text
    return text.withUTF8 { bytes in
      guard let start = UnsafeRawPointer(bytes.baseAddress) else { return body("", 0) }
      return body(start.assumingMemoryBound(to: CChar.self), bytes.count)
    }
  }
}

extension JSONParseError {
  /// jansson ends its text with `near '…'`, a piece of the document, which is kept apart: it may hold a secret.
  fileprivate init(_ error: json_error_t) {
    var text = withUnsafeBytes(of: error.text) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    var excerpt: String?
    if let near = Self.range(of: " near '", in: text), text.hasSuffix("'") {
      excerpt = String(text[near.upperBound...].dropLast())
      text = String(text[..<near.lowerBound])
    }
    self.init(
      line: Int(error.line), column: Int(error.column), position: Int(error.position), text: text, excerpt: excerpt)
  }

  fileprivate init(nulAt position: Int, of bytes: UnsafeRawBufferPointer) {
    let before = bytes[..<position]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    self.init(
      line: 1 + before.count { $0 == UInt8(ascii: "\n") },
      column: 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 },
      position: position + 1, text: "a NUL byte stands in the document")
  }

  private static func range(of needle: String, in text: String) -> Range<String.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      if text[start...].hasPrefix(needle) { return start..<text.index(start, offsetBy: needle.count) }
      start = text.index(after: start)
    }
    return nil
  }
}

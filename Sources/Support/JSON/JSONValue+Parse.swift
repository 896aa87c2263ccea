import CJansson

extension JSONValue {
  /// What a document may be at its root.
  package enum Root: Sendable {
    case any
    /// An object or an array.
    case container
  }

  /// Parses one whole document (RFC 8259), which must be UTF-8 without a byte order mark.
  ///
  /// Refused: a key that occurs twice in an object, integers beyond 64 bits and reals beyond a double, invalid UTF-8, lone surrogates,
  /// a NUL in a key (in strings it may stand), nesting deeper than 2048 levels, anything after the document.
  package static func parse(_ bytes: some Collection<UInt8>, root: Root = .any) throws(JSONParseError) -> JSONValue {
    let result: Result<JSONValue, JSONParseError>? = bytes.withContiguousStorageIfAvailable { buffer in
      Result { () throws(JSONParseError) in try parse(raw: UnsafeRawBufferPointer(buffer), root: root) }
    }
    if let result { return try result.get() }
    return try parse(Array(bytes), root: root)
  }

  package static func parse(_ text: String, root: Root = .any) throws(JSONParseError) -> JSONValue {
    try parse(Array(text.utf8), root: root)
  }

  private static func parse(raw bytes: UnsafeRawBufferPointer, root: Root) throws(JSONParseError) -> JSONValue {
    try JanssonValue(parsing: bytes, flags: root == .any ? JSON_DECODE_ANY : 0).value
  }
}

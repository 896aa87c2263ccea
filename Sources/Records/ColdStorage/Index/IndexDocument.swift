import JSON

/// What `archive.json` and `segments.json` have in common: a version that is looked at before anything else, and no
/// field that this program doesn't know.
enum IndexDocument {
  static func parse(_ bytes: [UInt8], file: String) throws(ArchiveError) -> JSONDocument {
    do {
      return try JSONDocument(parsing: bytes, root: .container)
    } catch {
      throw .index(file: file, reason: error.description)
    }
  }

  static func decode<Value>(
    _ document: JSONDocument, file: String, version: Int64, _ body: (inout ObjectReader) -> Value?
  ) throws(ArchiveError) -> Value {
    try document.read { (document) throws(ArchiveError) in
      try decode(document, file: file, version: version, body)
    }
  }

  private static func decode<Value>(
    _ document: JSONView, file: String, version: Int64, _ body: (inout ObjectReader) -> Value?
  ) throws(ArchiveError) -> Value {
    guard let found = document["formatVersion"]?.int else {
      throw .index(file: file, reason: "it has no formatVersion")
    }
    guard found == version else { throw .unsupportedVersion(file: file, found: found, supported: version) }
    do {
      return try Decode.object(document) { fields in
        _ = fields.int("formatVersion")
        let value = body(&fields)
        fields.finish()
        return value
      }
    } catch {
      throw .index(file: file, reason: error.description)
    }
  }

  /// Equal values have equal bytes.
  static func encode(_ document: JSONValue) -> [UInt8] { document.serialized(.pretty) + [UInt8(ascii: "\n")] }
}

import ColdStorage
package import RestoreModel

/// Schema ids in Confluent's framing: byte 0 is 0, bytes 1 to 4 are the id, big-endian; in keys and in values.
enum SchemaIDs {
  enum Result {
    case send
    /// `onUnmappedSchema` is `skip`, and there was an id without a mapping.
    case skip
  }

  /// Puts the new ids in place of the old ones, in the slot that the record lies in. Only once for each record: a new id may be
  /// an old one of the map as well.
  static func map(
    _ record: RecordView, _ changes: RecordChanges, _ counts: inout SchemaCounts
  ) throws(RunFault) -> Result {
    var result = Result.send
    var isFramed = false
    for bytes in [record.key, record.value] {
      guard let bytes, let old = id(in: bytes) else { continue }
      isFramed = true
      if let new = changes.schemas[old] {
        UnsafeMutableRawBufferPointer(mutating: bytes).storeBytes(of: new.bigEndian, toByteOffset: 1, as: Int32.self)
        continue
      }
      counts.meet(old)
      switch changes.onUnmappedSchema {
      case .pass: break
      case .skip: result = .skip
      case .fail:
        throw RunFault(
          reason: "UnmappedSchema",
          message:
            "the record at source offset \(record.offset) has schema id \(old), which schemaMapping doesn't map, and "
            + "onUnmappedSchema is fail")
      }
    }
    if !isFramed { counts.unframedRecords += 1 }
    return result
  }

  static func id(in bytes: UnsafeRawBufferPointer) -> Int32? {
    guard bytes.count >= 5, bytes[0] == 0 else { return nil }
    return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: Int32.self))
  }
}

extension RestoreConfig {
  /// The mapping of the document, with the file that it names.
  func schemas(_ policy: EnginePolicy) throws(RunFault) -> [Int32: Int32] {
    guard let reference = schemaMappingFrom else { return schemaMapping }
    let bytes = try SecretReader(policy: policy).bytes(ofFile: reference.file, for: "schemaMappingFrom")
    return schemaMapping.merging(try SchemaIDFile.parse(bytes, named: reference.file)) { $1 }
  }
}

/// `old: new` pairs, a line each, or a JSON object of such; what follows a `#` is a remark.
package enum SchemaIDFile {
  package static func parse(_ bytes: [UInt8], named file: String) throws(RunFault) -> [Int32: Int32] {
    var schemas: [Int32: Int32] = [:]
    let text = String(decoding: bytes, as: UTF8.self)
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      for entry in line.prefix(while: { $0 != "#" }).split(separator: ",") {
        let words = entry.filter { !"{}\"' \t\r".contains($0) }.split(separator: ":", omittingEmptySubsequences: false)
        if words.isEmpty || words == [""] { continue }
        guard words.count == 2, let old = Int32(words[0]), let new = Int32(words[1]) else {
          throw RunFault(
            reason: "InvalidSchemaMapping",
            message: "schemaMappingFrom: line \(number + 1) of \(file) is no pair of schema ids such as 12: 34")
        }
        schemas[old] = new
      }
    }
    return schemas
  }
}

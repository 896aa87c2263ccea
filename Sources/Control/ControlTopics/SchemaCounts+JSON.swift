import JSON
import RestoreModel

/// Beside the figures; left out where there is nothing to tell.
extension SchemaCounts {
  static let names = ["schemaIdsUnmapped", "unmappedSchemas", "recordsUnframed"]

  func write(to object: inout JSONObject) {
    guard !isEmpty else { return }
    object.put("schemaIdsUnmapped", unmappedTotal)
    object["unmappedSchemas"] = .array(
      unmapped.sorted { $0.key < $1.key }.map { ["id": .int(Int64($0.key)), "times": .int($0.value)] })
    object.put("recordsUnframed", unframedRecords)
  }

  init(reading reader: inout ObjectReader) {
    let total = reader.optionalCount("schemaIdsUnmapped")
    let ids = reader.optionalObjects("unmappedSchemas") { fields -> (Int32, Int64)? in
      let id = fields.int("id", in: Int64(Int32.min)...Int64(Int32.max))
      let times = fields.count("times")
      fields.finish()
      return id.flatMap { id in times.map { (Int32(id), $0) } }
    }
    let unframed = reader.optionalCount("recordsUnframed")
    self.init(
      unmapped: Dictionary(ids ?? []) { first, _ in first }, unmappedTotal: total ?? 0, unframedRecords: unframed ?? 0)
  }
}

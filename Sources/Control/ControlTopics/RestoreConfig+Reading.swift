import JSON
import RestoreModel

extension RestoreConfig {
  init(reading fields: inout ObjectReader, _ warnings: inout [String]) {
    self.init()
    readTopics(&fields, &warnings)
    parallelism = fields.optionalInt("parallelism", in: 1...Int64(Int32.max)).map { Int($0) } ?? parallelism
    maxProducers = fields.optionalInt("maxProducers", in: 0...Int64(Int32.max)).map { Int($0) } ?? maxProducers
    legacyOffsetHeader = fields.optionalString("legacyOffsetHeader")
    readTimes(&fields)
    schemaMapping = Self.schemaMapping(&fields) ?? [:]
    schemaMappingFrom = fields.optionalObject("schemaMappingFrom") { reference in
      let file = reference.string("file")
      reference.finish()
      return file.map { SchemaMappingReference(file: $0) }
    }
    onUnmappedSchema = fields.optionalChoice("onUnmappedSchema") ?? onUnmappedSchema
    createTargets = fields.optionalChoice("createTargets") ?? createTargets
    delivery = fields.optionalChoice("delivery") ?? delivery
    throttleBytesPerSecond = fields.optionalObject("throttle") { throttle in
      let limit = throttle.int("bytesPerSecond", in: 1...Int64.max)
      throttle.finish()
      return limit
    }
    verify = fields.optionalChoice("verify") ?? verify
    onZeroTimestamp = fields.optionalChoice("onZeroTimestamp") ?? onZeroTimestamp
    recordPath = fields.optionalChoice("recordPath") ?? recordPath
    fields.finish()
  }

  private mutating func readTimes(_ fields: inout ObjectReader) {
    restoreFromDateTime = fields.optionalInstant("restoreFromDateTime")
    restoreUntilDateTime = fields.optionalInstant("restoreUntilDateTime")
    let bounds = fields.optionalObject("filters") { filters in
      let bounds = filters.optionalObject("time") { time in
        let bounds = time.optionalObject("absolute") { absolute in
          let bounds = (absolute.optionalInstant("fromDateTime"), absolute.optionalInstant("toDateTime"))
          absolute.finish()
          return bounds
        }
        time.finish()
        return bounds
      }
      filters.finish()
      return bounds
    }
    (filterFromDateTime, filterToDateTime) = bounds ?? (nil, nil)
  }

  private static func schemaMapping(_ fields: inout ObjectReader) -> [Int32: Int32]? {
    guard case .object(let members)? = fields.optionalValue("schemaMapping") else {
      if fields.has("schemaMapping") {
        fields.reject("schemaMapping", "must be an object from old to new schema ids")
      }
      return nil
    }
    var map: [Int32: Int32] = [:]
    let path = fields.path["schemaMapping"]
    for (key, value) in members {
      // "7" and "07" would be one id with two targets.
      guard let old = Int32(key), old >= 0, String(old) == key else {
        fields.errors.add(path[key], "must have a schema id as its key: a whole number from 0 to \(Int32.max)")
        continue
      }
      guard let new = value.int.flatMap({ Int32(exactly: $0) }), new >= 0 else {
        fields.errors.add(path[key], "must be a schema id: a whole number from 0 to \(Int32.max)")
        continue
      }
      map[old] = new
    }
    return map
  }
}

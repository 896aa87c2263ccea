import JSON
import RestoreModel

extension RestoreSpec {
  var json: JSONValue {
    .build { fields in
      fields.put("source", source)
      fields.put("sink", sink)
      fields.put("enabled", enabled)
      fields.put("description", description)
      fields["sourceCredentialsFrom"] = sourceCredentials.map { Self.reference($0) }
      fields["sinkCredentialsFrom"] = sinkCredentials.map { Self.reference($0) }
      fields.put("sourceAdditionalProps", sourceAdditionalProperties)
      fields.put("sinkAdditionalProps", sinkAdditionalProperties)
      fields["config"] = config.json
    }
  }

  init(reading fields: inout ObjectReader, _ warnings: inout [String]) {
    self.init(source: fields.string("source") ?? "", sink: fields.string("sink") ?? "")
    enabled = fields.optionalBool("enabled") ?? enabled
    description = fields.optionalString("description")
    sourceCredentials = Self.credentials(&fields, "sourceCredentialsFrom")
    sinkCredentials = Self.credentials(&fields, "sinkCredentialsFrom")
    sourceAdditionalProperties = fields.optionalStringMap("sourceAdditionalProps") ?? [:]
    sinkAdditionalProperties = fields.optionalStringMap("sinkAdditionalProps") ?? [:]
    config = fields.optionalObject("config") { RestoreConfig(reading: &$0, &warnings) } ?? config
    fields.finish()
  }

  private static func reference(_ name: String) -> JSONValue { ["credentialsRef": ["name": .string(name)]] }

  private static func credentials(_ fields: inout ObjectReader, _ field: String) -> String? {
    fields.optionalObject(field) { reference in
      let name = reference.object("credentialsRef") { target in
        let name = target.string("name")
        target.finish()
        return name
      }
      reference.finish()
      return name
    }
  }
}

extension RestoreConfig {
  var json: JSONValue {
    .build { fields in
      if !topics.isEmpty { fields["topics"] = .array(topics.map(\.json)) }
      fields.put("parallelism", parallelism)
      fields.put("maxProducers", maxProducers)
      fields.put("legacyOffsetHeader", legacyOffsetHeader)
      fields.put("restoreFromDateTime", restoreFromDateTime)
      fields.put("restoreUntilDateTime", restoreUntilDateTime)
      fields["filters"] = filters
      if !schemaMapping.isEmpty {
        fields["schemaMapping"] = .object(
          JSONObject(schemaMapping.sorted { $0.key < $1.key }.map { (String($0.key), .int(Int64($0.value))) }))
      }
      fields["schemaMappingFrom"] = schemaMappingFrom.map { ["file": .string($0.file)] }
      fields.put("onUnmappedSchema", onUnmappedSchema.rawValue)
      fields.put("createTargets", createTargets.rawValue)
      fields.put("delivery", delivery.rawValue)
      fields["throttle"] = throttleBytesPerSecond.map { ["bytesPerSecond": .int($0)] }
      fields.put("verify", verify.rawValue)
      fields.put("onZeroTimestamp", onZeroTimestamp.rawValue)
      // Newer than the contract's first logs: written out there too, the hashes of their states would change.
      if recordPath != .auto { fields.put("recordPath", recordPath.rawValue) }
    }
  }

  private var filters: JSONValue? {
    guard filterFromDateTime != nil || filterToDateTime != nil else { return nil }
    let bounds = JSONValue.build { fields in
      fields.put("fromDateTime", filterFromDateTime)
      fields.put("toDateTime", filterToDateTime)
    }
    return ["time": ["absolute": bounds]]
  }
}

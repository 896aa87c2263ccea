import JSON
import RestoreModel

extension TopicMapping {
  var json: JSONValue { .build { write(to: &$0) } }

  func write(to fields: inout JSONObject) {
    fields.put("source", source.text)
    fields.put("target", target.text)
    fields.put("disablePreflightChecks", disablePreflightChecks)
    fields["partitions"] = partitions.map { .array($0.map(\.json)) }
  }

  /// - Parameter source: given by the key of the deprecated `config.mapping`; the entry then must not have it.
  init?(reading fields: inout ObjectReader, source key: String? = nil) {
    let source = key ?? fields.string("source")
    let target = fields.string("target")
    let disablesChecks = fields.optionalBool("disablePreflightChecks") ?? false
    let partitions = fields.optionalObjects("partitions") { PartitionSelection(reading: &$0) }
    guard let source, let target else { return nil }
    self.init(source: TopicName(source), target: TopicName(target))
    disablePreflightChecks = disablesChecks
    self.partitions = partitions
  }
}

extension PartitionSelection {
  fileprivate var json: JSONValue {
    .build { fields in
      fields.put("number", Int64(number))
      fields.put("restoreFromOffset", restoreFromOffset)
      fields.put("restoreUntilOffset", restoreUntilOffset)
    }
  }

  fileprivate init?(reading fields: inout ObjectReader) {
    let number = fields.int("number", in: 0...Int64(Int32.max))
    let from = fields.optionalInt("restoreFromOffset", in: 0...Int64.max)
    let until = fields.optionalInt("restoreUntilOffset", in: 0...Int64.max)
    fields.finish()
    guard let number = number.flatMap({ Int32(exactly: $0) }) else { return nil }
    self.init(number: number, restoreFromOffset: from, restoreUntilOffset: until)
  }
}

extension RestoreConfig {
  /// `config.topics`, or its deprecated form `config.mapping`, which is keyed by the source topic.
  mutating func readTopics(_ fields: inout ObjectReader, _ warnings: inout [String]) {
    let list = fields.optionalObjects("topics") { entry in
      let mapping = TopicMapping(reading: &entry)
      entry.finish()
      return mapping
    }
    topics = list ?? []
    guard let written = fields.optionalValue("mapping") else { return }
    guard let members = written.object else {
      return fields.reject("mapping", "must be an object from source topics to targets, not \(written.kind)")
    }
    if fields.has("topics") {
      return fields.reject("mapping", "is the deprecated form of config.topics and must not stand beside it")
    }
    warnings.append("config.mapping is deprecated and was read as config.topics")
    let path = fields.path["mapping"]
    topics = members.compactMap { source, value in
      if let target = value.string { return TopicMapping(source: TopicName(source), target: TopicName(target)) }
      return Decode.object(value, at: path[source], into: fields.errors) { entry in
        let mapping = TopicMapping(reading: &entry, source: source)
        entry.finish()
        return mapping
      }
    }
  }
}

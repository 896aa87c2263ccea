import JSON

extension ArchiveIndex {
  var json: JSONValue {
    .object([
      "formatVersion": .int(Self.version), "topic": .string(topic), "topicId": topicID.map { .string($0) } ?? .null,
      "partitions": .int(Int64(partitionCount)),
      "configuration": .object(
        JSONObject(configuration.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) })),
      "capturedAt": .int(capturedAt), "bounds": .array(bounds.map(\.json)),
    ])
  }

  /// - Parameter file: for messages.
  init(parsing bytes: [UInt8], file: String) throws(ArchiveError) {
    self = try IndexDocument.decode(
      try IndexDocument.parse(bytes, file: file), file: file, version: Self.version
    ) { fields in
      let topic = fields.string("topic")
      let topicID = fields.optionalString("topicId")
      let partitions = fields.int("partitions", in: 1...1_000_000)
      let configuration = fields.stringMap("configuration")
      let capturedAt = fields.int("capturedAt")
      let bounds = fields.objects("bounds") { Range(reading: &$0) }
      guard let topic, let partitions, let configuration, let capturedAt, let bounds else { return nil }
      guard bounds.count == Int(partitions) else {
        fields.reject("bounds", "must have one element for each partition")
        return nil
      }
      return ArchiveIndex(
        topic: topic, topicID: topicID, partitionCount: Int32(partitions), configuration: configuration,
        capturedAt: capturedAt, bounds: bounds)
    }
  }
}

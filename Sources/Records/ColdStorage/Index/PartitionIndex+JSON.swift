import JSON

extension PartitionIndex {
  /// - Parameter file: for messages.
  init(parsing bytes: [UInt8], file: String) throws(ArchiveError) {
    if let written = PartitionIndex(asWritten: bytes) {
      self = written
    } else {
      try self.init(anyhow: bytes, file: file)
    }
  }

  /// However it is spelled.
  init(anyhow bytes: [UInt8], file: String) throws(ArchiveError) {
    try self.init(try IndexDocument.parse(bytes, file: file), file: file)
  }

  init(_ document: JSONDocument, file: String) throws(ArchiveError) {
    self = try IndexDocument.decode(document, file: file, version: Self.version) { fields in
      let topic = fields.string("topic")
      let partition = fields.int("partition", in: 0...Int64(Int32.max))
      let start = fields.int("startOffset", in: 0 ... .max)
      let end = fields.int("endOffset", in: 0 ... .max)
      let losses = fields.objects("losses") { Range(reading: &$0) }
      let segments = fields.objects("segments") { SegmentEntry(reading: &$0) }
      guard let topic, let partition, let start, let end, let losses, let segments else { return nil }
      var index = PartitionIndex(topic: topic, partition: Int32(partition), startOffset: start, endOffset: end)
      index.losses = losses
      index.segments = segments
      return index
    }
    if let flaw { throw .index(file: file, reason: flaw) }
  }
}

extension Range<Int64> {
  var json: JSONValue { .object(["from": .int(lowerBound), "until": .int(upperBound)]) }

  init?(reading fields: inout ObjectReader) {
    let from = fields.int("from", in: 0 ... .max)
    let until = fields.int("until", in: 0 ... .max)
    fields.finish()
    guard let from, let until else { return nil }
    guard from <= until else {
      fields.reject("until", "must not be less than from")
      return nil
    }
    self = from..<until
  }
}

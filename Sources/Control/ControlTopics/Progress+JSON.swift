package import JSON
package import RestoreModel

extension Progress {
  /// The sums and the percentage are for readers; they follow from the topics.
  package var json: JSONValue {
    .build { fields in
      fields.put("percent", percent)
      fields.put("secondsLeft", secondsLeft)
      fields.put("recordsPerSecond", recordsPerSecond)
      fields.put("bytesPerSecond", bytesPerSecond)
      total.write(to: &fields)
      fields["topics"] = .array(topics.map(\.json))
    }
  }

  init?(reading fields: inout ObjectReader) {
    let records = fields.count("recordsPerSecond")
    let bytes = fields.count("bytesPerSecond")
    let topics = fields.objects("topics") { TopicProgress(reading: &$0) }
    fields.ignore("percent", "secondsLeft")
    for name in Figures.names { fields.ignore(name) }
    fields.finish()
    guard let records, let bytes, let topics else { return nil }
    self.init(topics: topics)
    recordsPerSecond = records
    bytesPerSecond = bytes
  }
}

extension TopicProgress {
  var json: JSONValue {
    .build { fields in
      fields.put("target", target.text)
      fields.put("lane", lane.map { Int64($0.number) })
      fields.put("state", state.rawValue)
      figures.write(to: &fields)
    }
  }

  init?(reading fields: inout ObjectReader) {
    let target = fields.string("target")
    let lane = fields.optionalLane("lane")
    let state = fields.choice("state", of: State.self)
    let figures = Figures(reading: &fields)
    fields.finish()
    guard let target, let state, let figures else { return nil }
    self.init(target: TopicName(target), lane: lane, state: state, figures: figures)
  }
}

/// The figures stand beside other fields of the object that has them.
extension Figures {
  private static var fields: [(name: String, path: WritableKeyPath<Figures, Int64>)] {
    [
      ("recordsTotal", \.recordsTotal), ("recordsRead", \.recordsRead), ("recordsRestored", \.recordsRestored),
      ("recordsFiltered", \.recordsFiltered), ("bytesTotal", \.bytesTotal), ("bytesRead", \.bytesRead),
      ("bytesRestored", \.bytesRestored), ("zeroTimestamps", \.zeroTimestamps),
    ]
  }

  static var names: [String] { fields.map(\.name) + SchemaCounts.names + [BatchCounts.name] }

  func write(to object: inout JSONObject) {
    for (name, path) in Self.fields { object.put(name, self[keyPath: path]) }
    schemas.write(to: &object)
    batches.write(to: &object)
  }

  init?(reading reader: inout ObjectReader) {
    self.init()
    var complete = true
    for (name, path) in Self.fields {
      if let value = reader.count(name) { self[keyPath: path] = value } else { complete = false }
    }
    schemas = SchemaCounts(reading: &reader)
    batches = BatchCounts(reading: &reader)
    if !complete { return nil }
  }
}

import JSON
import RestoreModel

extension ControllerState {
  /// - Parameter whole: with what a record of its own has otherwise.
  func json(whole: Bool) -> JSONValue {
    .build { fields in
      fields.put("claim", claim.number)
      fields.put("runGeneration", runGeneration)
      fields.put("archiveDigest", archiveDigest)
      fields.put("clusterId", clusterID)
      if whole || !sources.areMany { fields.put(sources) }
      if !lanes.isEmpty { fields["lanes"] = .array(lanes.map(\.json)) }
      fields.put("preflightPassed", preflightPassed)
      fields.put("positioned", lanes: positioned)
      if !positionedClaims.isEmpty { fields["positionedClaims"] = .array(positionedClaims.map { .int($0.number) }) }
      fields.put("sealed", lanes: sealed)
      fields.put("startedTopics", startedTopics.map(\.text))
      fields.put("restoredTopics", restoredTopics.map(\.text))
      fields.put("held", held)
      fields.put("commandIds", commandIDs)
    }
  }

  init?(reading fields: inout ObjectReader) {
    self.init()
    let claim = fields.int("claim", in: Claim.range)
    let passed = fields.bool("preflightPassed")
    let held = fields.bool("held")
    runGeneration = fields.optionalInt("runGeneration", in: Counted.range)
    archiveDigest = fields.optionalString("archiveDigest")
    clusterID = fields.optionalString("clusterId")
    sources = fields.optionalSources()
    lanes = fields.optionalObjects("lanes") { PlannedLane(reading: &$0) } ?? []
    positioned = fields.optionalLanes("positioned")
    positionedClaims = fields.optionalClaims("positionedClaims")
    sealed = fields.optionalLanes("sealed")
    startedTopics = fields.optionalStrings("startedTopics")?.map { TopicName($0) } ?? []
    restoredTopics = fields.optionalStrings("restoredTopics")?.map { TopicName($0) } ?? []
    commandIDs = fields.optionalStrings("commandIds") ?? []
    fields.finish()
    guard let claim, let passed, let held else { return nil }
    self.claim = Claim(claim)
    preflightPassed = passed
    self.held = held
  }
}

extension PlannedLane {
  var json: JSONValue {
    .build { fields in
      fields.put("id", id.number)
      fields["topics"] = .strings(topics.map(\.text))
      fields.put("maxMessageBytes", maxMessageBytes)
    }
  }

  init?(reading fields: inout ObjectReader) {
    let id = fields.lane("id")
    let topics = fields.strings("topics")
    let bytes = fields.int("maxMessageBytes")
    fields.finish()
    guard let id, let topics, let bytes else { return nil }
    self.init(id: id, topics: topics.map { TopicName($0) }, maxMessageBytes: bytes)
  }
}

extension JSONObject {
  fileprivate mutating func put(_ key: String, lanes: [LaneID]) {
    if !lanes.isEmpty { self[key] = .array(lanes.map { .int(Int64($0.number)) }) }
  }
}

extension ObjectReader {
  mutating func lane(_ field: String) -> LaneID? { int(field, in: LaneID.range).map { LaneID(Int($0)) } }

  mutating func optionalLane(_ field: String) -> LaneID? {
    optionalInt(field, in: LaneID.range).map { LaneID(Int($0)) }
  }

  fileprivate mutating func optionalLanes(_ field: String) -> [LaneID] {
    optionalList(field) { value, path, errors in
      guard let number = value.int, LaneID.range.contains(number) else {
        errors.add(path, "must be the number of a lane")
        return nil
      }
      return LaneID(Int(number))
    } ?? []
  }

  fileprivate mutating func optionalClaims(_ field: String) -> [Claim] {
    optionalList(field) { value, path, errors in
      guard let number = value.int, Claim.range.contains(number) else {
        errors.add(path, "must be a claim")
        return nil
      }
      return Claim(number)
    } ?? []
  }
}

extension LaneID {
  fileprivate static let range: ClosedRange<Int64> = 0...Int64(Int32.max)
}

import JSON
package import RestoreModel

extension Event.Content {
  /// Every type that is read here; the schema of the topic lists the same.
  package static let types = [
    "RestoreCreated", "TopicMapped", "TopicUnmapped", "SpecChanged", "RestoreEnabled", "RestoreDisabled", "RunStarted",
    "RunPlanned", "PreflightPassed", "PreflightFailed", "LanePositioned", "TopicStarted", "TopicRestored", "LaneSealed",
    "RunPaused", "RunResumed", "RunRetried", "RunTakenOver", "RunFailed", "RunCompleted",
    "PartitionsCompared", "RunVerified", "VerificationFailed", "VerificationInconclusive", "RestartAccepted",
    "DeleteAccepted", "RestoreDeleted", "ConditionChanged", "ResourceApplied", "ResourceDeleted", "CommandUnchanged",
    "CommandRejected", "OwnerChanged",
  ]

  /// Reads `data` of an event of `type`; the mirror of `write`.
  static func read(_ type: String, _ fields: inout ObjectReader) -> Event.Content? {
    let content = readResourceEvent(type, &fields) ?? readRunEvent(type, &fields) ?? readAnswer(type, &fields)
    fields.finish()
    return content
  }

  private static func readResourceEvent(_ type: String, _ fields: inout ObjectReader) -> Event.Content? {
    switch type {
    case "RestoreCreated":
      guard let document = fields.document(), let uid = fields.string("uid") else { return nil }
      return .restoreCreated(document, uid: UID(uid))
    case "ResourceApplied":
      guard let document = fields.document(), let uid = fields.string("uid") else { return nil }
      return .resourceApplied(document, uid: UID(uid))
    case "SpecChanged":
      guard let document = fields.document(), let held = fields.bool("held") else { return nil }
      return .specChanged(document, held: held)
    case "TopicMapped": return TopicMapping(reading: &fields).map { .topicMapped($0) }
    case "TopicUnmapped": return fields.topic("target").map { .topicUnmapped(target: $0) }
    case "RestoreEnabled": return .restoreEnabled
    case "RestoreDisabled": return .restoreDisabled
    case "RestoreDeleted": return .restoreDeleted
    case "ResourceDeleted": return .resourceDeleted
    case "DeleteAccepted": return fields.claim().map { .deleteAccepted(claim: $0) }
    case "ConditionChanged": return Condition(reading: &fields).map { .conditionChanged($0) }
    default: return nil
    }
  }

  private static func readRunEvent(_ type: String, _ fields: inout ObjectReader) -> Event.Content? {
    switch type {
    case "RunStarted":
      guard let run = fields.int("run", in: 0...Int64(Int32.max)), let claim = fields.claim() else { return nil }
      return .runStarted(run: Int(run), claim: claim)
    case "RunResumed": return fields.claim().map { .runResumed(claim: $0) }
    case "RunRetried": return fields.claim().map { .runRetried(claim: $0) }
    case "RunTakenOver": return fields.claim().map { .runTakenOver(claim: $0) }
    case "RestartAccepted": return fields.claim().map { .restartAccepted(claim: $0) }
    case "RunPlanned": return RunPlan(reading: &fields).map { .runPlanned($0) }
    case "PreflightPassed": return PreflightReport(reading: &fields).map { .preflightPassed($0) }
    case "PreflightFailed": return PreflightReport(reading: &fields).map { .preflightFailed($0) }
    case "LanePositioned": return fields.lane("lane").map { .lanePositioned($0) }
    case "LaneSealed":
      guard let lane = fields.lane("lane") else { return nil }
      return .laneSealed(lane, warning: fields.optionalString("warning"))
    case "TopicStarted":
      guard let target = fields.topic("target"), let lane = fields.lane("lane") else { return nil }
      return .topicStarted(target, lane)
    case "TopicRestored":
      guard let target = fields.topic("target"), let lane = fields.lane("lane"), let figures = Figures(reading: &fields)
      else { return nil }
      return .topicRestored(target, lane, figures)
    case "RunFailed":
      guard let reason = fields.string("reason"), let message = fields.string("message") else { return nil }
      return .runFailed(RunFault(reason: reason, message: message))
    case "RunPaused": return .runPaused
    case "RunCompleted": return .runCompleted
    case "PartitionsCompared":
      return fields.objects("partitions") { VerificationReceipt.Partition(reading: &$0) }.map {
        .partitionsCompared($0)
      }
    case "RunVerified": return VerificationReceipt(reading: &fields).map { .runVerified($0) }
    case "VerificationFailed": return VerificationReceipt(reading: &fields).map { .verificationFailed($0) }
    case "VerificationInconclusive": return VerificationReceipt(reading: &fields).map { .verificationInconclusive($0) }
    default: return nil
    }
  }

  private static func readAnswer(_ type: String, _ fields: inout ObjectReader) -> Event.Content? {
    switch type {
    case "CommandUnchanged": return fields.string("message").map { .commandUnchanged(message: $0) }
    case "CommandRejected": return Rejection(reading: &fields).map { .commandRejected($0) }
    case "OwnerChanged": return fields.string("instance").map { .ownerChanged(instance: $0) }
    default: return nil
    }
  }
}

extension ObjectReader {
  fileprivate mutating func claim() -> Claim? { int("claim", in: Claim.range).map { Claim($0) } }
  fileprivate mutating func topic(_ field: String) -> TopicName? { string(field).map { TopicName($0) } }

  /// A document as it was accepted: its form is checked, not the rules, which may have grown stricter since.
  fileprivate mutating func document() -> ResourceDocument? {
    let errors = errors
    let document = object("resource") { fields -> ResourceDocument? in
      fields.ignore("apiVersion", "status")
      let kind = fields.choice("kind", of: ResourceKind.self)
      let metadata = fields.object("metadata") { DocumentMetadata(reading: &$0) }
      var notes: [String] = []
      let path = fields.path["spec"]
      let spec = fields.view("spec").flatMap { value in
        kind.flatMap { ResourceSpec.read($0, value, at: path, into: errors, &notes) }
      }
      fields.finish()
      return metadata.flatMap { metadata in spec.map { metadata.document($0) } }
    }
    let warnings = optionalStrings("warnings") ?? []
    guard var document else { return nil }
    document.warnings = warnings
    return document
  }
}

extension RunPlan {
  fileprivate init?(reading fields: inout ObjectReader) {
    let lanes = fields.objects("lanes") { PlannedLane(reading: &$0) }
    let digest = fields.string("archiveDigest")
    let cluster = fields.optionalString("clusterId")
    let sources = fields.optionalSources()
    let topics = fields.objects("topics") { TopicProgress(reading: &$0) }
    guard let lanes, let digest, let topics else { return nil }
    self.init(lanes: lanes, archiveDigest: digest, sources: sources, clusterID: cluster, topics: topics)
  }
}

extension PreflightReport {
  fileprivate init?(reading fields: inout ObjectReader) {
    let failures = fields.strings("failures")
    let warnings = fields.strings("warnings")
    let disabled = fields.bool("disabled")
    guard let failures, let warnings, let disabled else { return nil }
    self.init(failures: failures, warnings: warnings, disabled: disabled)
  }
}

extension VerificationReceipt {
  fileprivate init?(reading fields: inout ObjectReader) {
    let verdict = fields.choice("verdict", of: Verdict.self)
    let message = fields.string("message")
    let partitions = fields.objects("partitions") { Partition(reading: &$0) }
    guard let verdict, let message, let partitions else { return nil }
    self.init(verdict: verdict, message: message, partitions: partitions)
  }
}

extension VerificationReceipt.Partition {
  fileprivate init?(reading fields: inout ObjectReader) {
    let topic = fields.string("topic")
    let partition = fields.int("partition", in: 0...Int64(Int32.max)).flatMap { Int32(exactly: $0) }
    let expected = fields.object("expected") { VerificationReceipt.Side(reading: &$0) }
    let found = fields.object("found") { VerificationReceipt.Side(reading: &$0) }
    let first = fields.int("firstOffset")
    let last = fields.int("lastOffset")
    fields.finish()
    guard let topic, let partition, let expected, let found, let first, let last else { return nil }
    self.init(
      topic: TopicName(topic), partition: partition, expected: expected, found: found, firstOffset: first,
      lastOffset: last)
  }
}

extension VerificationReceipt.Side {
  fileprivate init?(reading fields: inout ObjectReader) {
    let records = fields.int("records")
    let timestamps = fields.string("timestamps")
    let rest = fields.string("rest")
    fields.finish()
    guard let records, let timestamps, let rest else { return nil }
    self.init(records: records, timestamps: timestamps, rest: rest)
  }
}

extension Rejection {
  fileprivate init?(reading fields: inout ObjectReader) {
    let reason = fields.choice("reason", of: Reason.self)
    let message = fields.string("message")
    let errors = fields.optionalObjects("errors") { error in
      let path = error.string("path")
      let message = error.string("message")
      error.finish()
      return path.flatMap { path in message.map { RestoreModel.FieldProblem(path, $0) } }
    }
    guard let reason, let message else { return nil }
    self.init(reason, message, errors: errors ?? [])
  }
}

import JSON
package import RestoreModel

extension Event.Content {
  /// The members of `data`. `EventContent+Reading` is its mirror.
  func write(to fields: inout JSONObject) {
    switch self {
    case .restoreCreated(let document, let uid), .resourceApplied(let document, let uid):
      fields.put(document)
      fields.put("uid", uid.text)
    case .specChanged(let document, let held):
      fields.put(document)
      fields.put("held", held)
    case .topicMapped(let mapping): mapping.write(to: &fields)
    case .topicUnmapped(let target): fields.put("target", target.text)
    case .runStarted(let run, let claim):
      fields.put("run", run)
      fields.put("claim", claim.number)
    case .runResumed(let claim), .runRetried(let claim), .runTakenOver(let claim), .restartAccepted(let claim),
      .deleteAccepted(let claim):
      fields.put("claim", claim.number)
    case .runPlanned(let plan): plan.write(to: &fields)
    case .preflightPassed(let report), .preflightFailed(let report): report.write(to: &fields)
    case .lanePositioned(let lane): fields.put("lane", lane.number)
    case .topicStarted(let target, let lane):
      fields.put("target", target.text)
      fields.put("lane", lane.number)
    case .topicRestored(let target, let lane, let figures):
      fields.put("target", target.text)
      fields.put("lane", lane.number)
      figures.write(to: &fields)
    case .laneSealed(let lane, let warning):
      fields.put("lane", lane.number)
      fields.put("warning", warning)
    case .runFailed(let fault):
      fields.put("reason", fault.reason)
      fields.put("message", fault.message)
    case .partitionsCompared(let partitions): fields["partitions"] = .array(partitions.map(\.json))
    case .runVerified(let receipt), .verificationFailed(let receipt), .verificationInconclusive(let receipt):
      receipt.write(to: &fields)
    case .conditionChanged(let condition): fields = condition.json.object ?? fields
    case .commandUnchanged(let message): fields.put("message", message)
    case .commandRejected(let rejection): rejection.bounded.write(to: &fields)
    case .ownerChanged(let instance): fields.put("instance", instance)
    case .restoreEnabled, .restoreDisabled, .runPaused, .runCompleted, .restoreDeleted, .resourceDeleted: break
    }
  }
}

extension JSONObject {
  fileprivate mutating func put(_ document: ResourceDocument) {
    self["resource"] = document.json
    put("warnings", document.warnings)
  }
}

extension RunPlan {
  fileprivate func write(to fields: inout JSONObject) {
    fields["lanes"] = .array(lanes.map(\.json))
    fields.put("archiveDigest", archiveDigest)
    fields.put("clusterId", clusterID)
    fields.put(sources)
    fields["topics"] = .array(topics.map(\.json))
  }
}

extension PreflightReport {
  fileprivate func write(to fields: inout JSONObject) {
    fields["failures"] = .strings(failures)
    fields["warnings"] = .strings(warnings)
    fields.put("disabled", disabled)
  }
}

extension VerificationReceipt {
  fileprivate func write(to fields: inout JSONObject) {
    fields.put("verdict", verdict.rawValue)
    fields.put("message", message)
    fields["partitions"] = .array(partitions.map(\.json))
  }
}

extension VerificationReceipt.Partition {
  fileprivate var json: JSONValue {
    .build { fields in
      fields.put("topic", topic.text)
      fields.put("partition", Int64(partition))
      fields["expected"] = expected.json
      fields["found"] = found.json
      fields.put("firstOffset", firstOffset)
      fields.put("lastOffset", lastOffset)
    }
  }
}

extension VerificationReceipt.Side {
  fileprivate var json: JSONValue {
    .build { fields in
      fields.put("records", records)
      fields.put("timestamps", timestamps)
      fields.put("rest", rest)
    }
  }
}

extension Rejection {
  fileprivate func write(to fields: inout JSONObject) {
    fields.put("reason", reason.rawValue)
    fields.put("message", message)
    if !errors.isEmpty {
      fields["errors"] = .array(
        errors.map { ["path": .string($0.path), "message": .string($0.message)] })
    }
  }

  /// An answer must always fit into its topic, whatever the question was: paths and messages may quote names from it.
  package var bounded: Rejection {
    func cut(_ text: String, _ limit: Int) -> String {
      text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
    }
    let kept = errors.prefix(FieldErrors.limit + 1).map { error in
      RestoreModel.FieldProblem(cut(error.path, 512), cut(error.message, 1024))
    }
    return Rejection(reason, cut(message, 4096), errors: kept)
  }
}

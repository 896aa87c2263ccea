package import RestoreModel

/// Events in words.
package enum EventText {
  /// What follows the resource's key when a command is answered: `restores/default/orders created`.
  package static func outcome(_ content: Event.Content, of key: ResourceKey) -> String {
    switch content {
    case .restoreCreated: "created"
    case .topicMapped(let mapping): "mapped \(mapping.source) to \(mapping.target)"
    case .topicUnmapped(let target): "unmapped \(target)"
    case .specChanged: "changed"
    case .restoreEnabled: "enabled"
    case .restoreDisabled: "disabled"
    case .runStarted(let run, _): "started run \(run)"
    case .runResumed: "resumed"
    case .runRetried: "continues where it stopped"
    case .restartAccepted: "restarts once the last run is sealed"
    case .deleteAccepted: "is being deleted, once its run is sealed"
    case .restoreDeleted, .resourceDeleted: "deleted"
    case .resourceApplied: "applied"
    case .commandUnchanged(let message): message.isEmpty ? "unchanged" : "unchanged: \(pronoun(message, for: key))"
    default: detailed(content)
    }
  }

  /// Many sentences begin with the resource that has been named already.
  private static func pronoun(_ message: String, for key: ResourceKey) -> String {
    message.hasPrefix("\(key) ") ? "it " + message.dropFirst("\(key) ".count) : message
  }

  private static func detailed(_ content: Event.Content) -> String {
    let detail = detail(content)
    return detail.isEmpty ? content.type : "\(content.type): \(detail)"
  }

  /// What a line of the history says beside the event's type.
  package static func detail(_ content: Event.Content) -> String {
    switch content {
    case .restoreCreated(let document, _), .resourceApplied(let document, _), .specChanged(let document, _):
      summary(document)
    case .topicMapped(let mapping): "\(mapping.source) → \(mapping.target)"
    case .topicUnmapped(let target): target.text
    case .runStarted(let run, let claim): "run \(run), claim \(claim)"
    case .runPlanned(let plan):
      "\(Figure.count(Int64(plan.lanes.count), "lane")), \(Figure.count(Progress(topics: plan.topics).total.recordsTotal, "record"))"
    case .preflightPassed(let report): report.disabled ? "checks disabled" : report.warnings.joined(separator: "; ")
    case .preflightFailed(let report): report.failures.joined(separator: "; ")
    case .lanePositioned(let lane): "lane \(lane)"
    case .topicStarted(let topic, _): topic.text
    case .topicRestored(let topic, _, let figures):
      "\(topic): \(Figure.count(figures.recordsRestored, "record"))"
        + (figures.recordsFiltered > 0 ? ", \(Figure.count(figures.recordsFiltered)) filtered out" : "")
    case .laneSealed(let lane, let warning): "lane \(lane)" + (warning.map { ": \($0)" } ?? "")
    case .runResumed(let claim), .runRetried(let claim), .runTakenOver(let claim), .restartAccepted(let claim),
      .deleteAccepted(let claim):
      "claim \(claim)"
    case .runFailed(let fault): fault.message
    case .partitionsCompared(let partitions): Figure.count(Int64(partitions.count), "partition")
    case .runVerified(let receipt), .verificationFailed(let receipt), .verificationInconclusive(let receipt):
      "\(receipt.verdict.rawValue): \(receipt.message)"
    case .conditionChanged(let condition):
      "\(condition.type.rawValue) \(condition.status.rawValue) \(condition.reason)"
        + (condition.message.isEmpty ? "" : ": \(condition.message)")
    case .commandUnchanged(let message): message
    case .commandRejected(let rejection): "\(rejection.reason.rawValue): \(rejection)"
    case .ownerChanged(let instance): instance
    case .restoreEnabled, .restoreDisabled, .runPaused, .runCompleted, .restoreDeleted, .resourceDeleted: ""
    }
  }

  private static func summary(_ document: ResourceDocument) -> String {
    switch document.spec {
    case .restore(let spec):
      "\(Figure.count(Int64(spec.config.topics.count), "topic")), \(spec.enabled ? "enabled" : "not enabled")"
    case .storage, .eventHub, .credentials: document.key.kind.rawValue
    }
  }
}

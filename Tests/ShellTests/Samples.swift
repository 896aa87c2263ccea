import ControlTopics
import RestoreModel

/// Documents and events of one small installation.
enum Samples {
  static let orders = ResourceKey(.restore, name: "orders")
  /// 2021-01-01T00:00:00Z
  static let created = Instant(milliseconds: 1_609_459_200_000)
  static let now = Instant(milliseconds: created.milliseconds + 90_000)

  static func restore(
    _ phase: Phase, name: String = "orders", conditions: [Condition] = [], stopping: Stopping? = nil,
    progress: Progress? = nil, enabled: Bool = true
  ) -> Resource {
    var spec = RestoreSpec(source: "archive", sink: "cluster")
    spec.enabled = enabled
    if phase != .draft { spec.config.topics = [TopicMapping(source: "orders", target: "orders-copy")] }
    var status = ResourceStatus(uid: UID("uid-1"), observedGeneration: 1, phase: phase)
    status.conditions = conditions
    status.stopping = stopping
    status.progress = progress
    return Resource(metadata: metadata(name), spec: .restore(spec), status: status)
  }

  static func storage(_ name: String) -> Resource {
    Resource(
      metadata: metadata(name), spec: .storage(.volume(path: "/backups")),
      status: ResourceStatus(uid: UID("uid-2"), observedGeneration: 1))
  }

  private static func metadata(_ name: String) -> Metadata {
    Metadata(name: name, namespace: "default", uid: UID("uid-1"), generation: 1, creationTimestamp: created)
  }

  static func condition(_ kind: Condition.Kind, _ status: Condition.Status, _ reason: String, _ message: String = "")
    -> Condition
  {
    Condition(
      kind, status, reason: reason, message: message, lastTransitionTime: created, observedGeneration: 1)
  }

  /// - Parameters:
  ///   - bytes: of each record; 0: none are known.
  ///   - perSecond: records.
  static func progress(_ restored: Int64, of total: Int64, bytes: Int64 = 0, perSecond: Int64 = 0) -> Progress {
    var figures = Figures()
    figures.recordsTotal = total
    figures.recordsRestored = restored
    figures.recordsRead = restored
    (figures.bytesTotal, figures.bytesRestored, figures.bytesRead) = (total * bytes, restored * bytes, restored * bytes)
    var progress = Progress(topics: [TopicProgress(target: "orders-copy", state: .restoring, figures: figures)])
    (progress.recordsPerSecond, progress.bytesPerSecond) = (perSecond, perSecond * bytes)
    return progress
  }

  static let history: [Event.Content] = [
    .topicMapped(TopicMapping(source: "orders", target: "orders-copy")), .restoreEnabled,
    .runStarted(run: 1, claim: Claim(1)),
  ]

  static func event(at offset: Int64, _ key: ResourceKey, _ content: Event.Content) -> EventRecord {
    EventRecord(
      offset: offset,
      event: Event(
        key: key, uid: UID("uid-1"), run: nil, generation: 1, sequence: offset + 1, epoch: 1, time: created,
        cause: .command(offset: offset, id: nil), commandsThrough: offset, outcome: true, content: content),
      stateHash: nil)
  }
}

import ControlTopics
import RestoreModel

/// Documents as an installation in use has them: Restores of three topics that are done and verified.
enum Sample {
  static let installation = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
  static let time = Instant(milliseconds: 1_700_000_000_000)

  static func key(_ number: Int) -> ResourceKey {
    ResourceKey(.restore, namespace: "team-\(number % 50)", name: "restore-\(number)")
  }

  enum Shape: String, CaseIterable {
    /// Mapped to one topic, not begun.
    case ready
    /// Three topics, restored and verified.
    case done
  }

  static func restore(_ number: Int, _ shape: Shape = .done) -> Resource {
    let key = key(number)
    var spec = RestoreSpec(source: "archive", sink: "cluster")
    let sources = (shape == .done ? ["orders", "payments", "returns"] : ["orders"]).map { "\($0)-\(number)" }
    spec.config.topics = sources.map { TopicMapping(source: TopicName($0), target: TopicName("\($0)-restored")) }
    let uid = UID("269eacbc-5a3c-80e2-a635-\(100_000_000_000 + number)")
    let metadata = Metadata(
      name: key.name, namespace: key.namespace, uid: uid, generation: 5, creationTimestamp: time)
    var status = ResourceStatus(uid: uid, observedGeneration: 5, phase: .ready)
    status.conditions = [condition(.valid, .specAccepted, "")]
    status.controller.commandIDs = ["thaw-\(number)-create", "thaw-\(number)-enable"]
    var resource = Resource(metadata: metadata, spec: .restore(spec), status: status)
    if shape == .done { finish(&resource, spec, number) }
    return resource
  }

  private static func finish(_ resource: inout Resource, _ document: RestoreSpec, _ number: Int) {
    var (spec, status) = (document, resource.status)
    spec.enabled = true
    spec.description = "orders of shop \(number), as they were before the migration"
    resource.metadata.labels = ["team": resource.metadata.namespace]
    status.phase = .done
    status.run = 1
    status.startTime = time
    status.completionTime = time
    status.conditions = [
      condition(.valid, .specAccepted, ""), condition(.preflightPassed, .checksPassed, ""),
      condition(.jobCompleted, .jobCompleted, "Every selected record is restored."),
      condition(.verified, .checksPassed, "3000000 records in 36 partitions are as they were sent"),
    ]
    let targets = spec.config.topics.map(\.target)
    var figures = RestoreModel.Figures()
    figures.recordsTotal = 1_000_000
    figures.recordsRestored = 1_000_000
    figures.bytesRestored = 123_456_789
    status.progress = Progress(
      topics: targets.map { TopicProgress(target: $0, lane: LaneID(0), state: .restored, figures: figures) })
    status.controller.claim = Claim(2)
    status.controller.runGeneration = 5
    status.controller.lanes = [PlannedLane(id: LaneID(0), topics: targets, maxMessageBytes: 1_048_588)]
    status.controller.preflightPassed = true
    status.controller.positioned = [LaneID(0)]
    status.controller.startedTopics = targets
    status.controller.restoredTopics = targets
    resource.spec = .restore(spec)
    resource.status = status
  }

  private static func condition(
    _ kind: Condition.Kind, _ reason: Condition.Reason, _ message: String
  ) -> Condition {
    Condition(
      kind, .true, reason: reason.rawValue, message: message, lastTransitionTime: time, observedGeneration: 5)
  }

  /// What `specs` and `status` hold for so many Restores, before any owner has decided anything.
  static func records(_ count: Int, _ shape: Shape = .done) -> (
    specs: [OutgoingControlRecord], status: [OutgoingControlRecord]
  ) {
    var encoder = RecordEncoder(installation: installation, epoch: 0)
    var specs = [encoder.installation(sequence: 0)]
    var status: [OutgoingControlRecord] = []
    for number in 0..<count {
      let resource = restore(number, shape)
      specs.append(encoder.spec(resource, sequence: 0))
      status.append(encoder.status(resource, sequence: 0, time: time))
    }
    return (specs, status)
  }

  /// Changes a description: no work follows from it.
  static func command(_ number: Int, of count: Int) -> (key: [UInt8], value: [UInt8]) {
    let key = key(number &* 7919 % max(1, count))
    let value =
      #"{"command":"Configure","id":"bench-\#(number)","spec":{"description":"changed by command \#(number)"}}"#
    return (RecordKey.resource(key).bytes, Array(value.utf8))
  }
}

import RestoreModel

extension Scenario {
  static func storageDocument(path: String = "/archive") -> ResourceDocument {
    ResourceDocument(key: storage, spec: .storage(.volume(path: path)))
  }

  static func hubDocument(servers: String = "localhost:9092") -> ResourceDocument {
    ResourceDocument(key: hub, spec: .eventHub(EventHubSpec(properties: ["bootstrap.servers": servers])))
  }

  static let keys = CredentialsSpec.aws(
    accessKeyIDFrom: .environment("SECRET_ID"), secretAccessKeyFrom: .environment("SECRET_KEY"), sessionTokenFrom: nil)

  static func credentialsDocument(user: String = "thaw") -> ResourceDocument {
    var sasl = SASLCredentials(mechanism: .plain, username: user, passwordFrom: .environment("SECRET_PASSWORD"))
    sasl.mechanism = .scramSHA256
    return ResourceDocument(key: credentials, spec: .credentials(.sasl(sasl)))
  }

  /// The Restore `orders`; topics are mapped to themselves.
  static func document(
    topics: [TopicName] = ["a", "b", "c"], enabled: Bool = true, _ edit: (inout RestoreSpec) -> Void = { _ in }
  ) -> ResourceDocument {
    var spec = RestoreSpec(source: "store", sink: "cluster")
    spec.enabled = enabled
    spec.config.topics = topics.map { TopicMapping(source: $0, target: $0) }
    edit(&spec)
    return ResourceDocument(key: orders, spec: .restore(spec))
  }

  /// Two lanes: a and b share one, c has the other.
  static let twoLanes = [
    PlannedLane(id: LaneID(0), topics: ["a", "b"], maxMessageBytes: 1_048_588),
    PlannedLane(id: LaneID(1), topics: ["c"], maxMessageBytes: 2_097_152),
  ]

  static func plan(_ lanes: [PlannedLane] = twoLanes) -> RunPlan {
    var figures = Figures()
    figures.recordsTotal = 100
    figures.bytesTotal = 10_000
    return RunPlan(
      lanes: lanes, archiveDigest: String(repeating: "0a", count: 32), clusterID: "sink-1",
      topics: lanes.flatMap { lane in lane.topics.map { TopicProgress(target: $0, lane: lane.id, figures: figures) } })
  }

  static func receipt(_ verdict: VerificationReceipt.Verdict) -> VerificationReceipt {
    VerificationReceipt(verdict: verdict, message: "300 of 300 records", partitions: [])
  }

  static let fault = RunFault(reason: "SinkUnreachable", message: "localhost:9092: no broker answered")
}

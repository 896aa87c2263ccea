import ColdStorage
import Kafka
import Logging
import RestoreModel
import TestSupport
import Threads

@testable import RestoreEngine

/// One lane of one Restore on a simulated cluster, with the test in the place of the owner.
final class SimulatedRun: Sendable {
  struct Known {
    var positioned = false
    var facts: [Fact.Content] = []
  }

  let archive: TestArchive
  let cluster: SimulatedCluster
  let config: RestoreConfig
  let digest: String
  let sources: [PlannedSource]
  let bounds: TransactionBounds
  let known = Monitor(Known())
  let key = ResourceKey(.restore, name: "simulated")
  let uid = UID("0b9f3e0a-5a3c-4b51-9d0c-2f60c7c1a001")
  private let queue: Int

  init(
    _ archive: TestArchive, _ cluster: SimulatedCluster, _ config: RestoreConfig, bounds: TransactionBounds? = nil,
    queue: Int = 100_000
  ) throws {
    self.archive = archive
    self.cluster = cluster
    self.config = config
    self.queue = queue
    self.bounds = bounds ?? TransactionBounds(interval: .milliseconds(5))
    let planned = try RestoreSelection(try archive.reader, config, planned: [])
    (digest, sources) = (planned.digest, planned.sources)
  }

  /// A document that maps every topic to itself with `-copy`.
  static func config(_ topics: [String]) -> RestoreConfig {
    var config = RestoreConfig()
    config.topics = topics.map { TopicMapping(source: TopicName($0), target: TopicName("\($0)-copy")) }
    return config
  }

  var group: String { RunNames(prefix: "test.", uid: uid, run: 1).group }

  /// - Parameter recorded: the claim under which the control topics learnt that there are start positions.
  func item(
    _ task: WorkItem.Task, claim: Int64, positioned: Bool? = nil, recorded: Int64? = nil, slots: Int = 8
  ) -> WorkItem {
    let lane = PlannedLane(id: LaneID(0), topics: config.topics.map(\.target), maxMessageBytes: 1_048_588)
    var spec = RestoreSpec(source: "archive", sink: "hub")
    spec.config = config
    var item = WorkItem(
      id: WorkItem.ID(key: key, uid: uid, run: 1, claim: Claim(claim), task: task),
      spec: spec, source: .volume(path: archive.path), sink: EventHubSpec(properties: ["bootstrap.servers": "none:1"]),
      sourceCredentials: nil, sinkCredentials: nil, lanes: [lane], archiveDigest: digest, sources: sources,
      positioned: positioned ?? known.read { $0.positioned }, slots: slots)
    item.positionedClaim = recorded.map { Claim($0) }
    return item
  }

  /// A worker of the lane until it ends, on a thread of its own.
  func work(
    _ item: WorkItem, _ control: WorkControl? = nil, throttle: Int64? = nil, records: Bool = true,
    steps: @escaping @Sendable (StepPoints.Step) -> StepPoints.Decision = { _ in .goOn }
  ) async throws -> WorkOutcome {
    let control = control ?? WorkControl(item)
    let known = known
    let assignment = Assignment(
      item: item, policy: policy, control: control, throttle: Throttle(bytesPerSecond: throttle),
      logger: Logger("test", to: MemoryLogSink()), steps: StepPoints(decide: steps), sinks: sinks
    ) { content in
      known.change { known in
        known.facts.append(content)
        if case .positioned = content, records { known.positioned = true }
      }
      // What the control topics know reaches the worker as an update of its item.
      if case .positioned = content, records {
        var known = item
        (known.positioned, known.positionedClaim) = (true, item.id.claim)
        control.update(known)
      }
    }
    return try await NamedThread.run("worker") { Worker.run(assignment) }
  }

  var sinks: SinkFactory {
    let (cluster, queue) = (cluster, queue)
    return SinkFactory(
      openSink: { assignment, lane, _, _ in
        try SimulatedSink(
          cluster, id: assignment.names.transactionalID(lane.id),
          RecordChanges(assignment.config, schemas: try assignment.config.schemas(assignment.policy)), queue: queue)
      }, checkTopic: { _, _, _ in })
  }

  var policy: EnginePolicy {
    var policy = EnginePolicy(volumeRoots: [archive.path], prefix: "test.", transactions: bounds)
    policy.retryDelay = .microseconds(10) ... .milliseconds(1)
    return policy
  }

  func facts<Value>(_ pick: (Fact.Content) -> Value?) -> [Value] { known.read { $0.facts }.compactMap(pick) }

  var restored: [TopicName: Figures] {
    Dictionary(
      facts { content in
        if case .topicRestored(let topic, _, let figures) = content { (topic, figures) } else { nil }
      }
    ) { $1 }
  }

  func position(_ topic: String, _ partition: Int32 = 0) -> LanePosition? {
    cluster.positions(group)[TopicPartition("\(topic)-copy", partition)]
      .flatMap { LanePosition(offset: $0.offset, metadata: $0.metadata) }
  }

  /// What arrived, without offsets.
  func arrived(_ topic: String, _ partition: Int32 = 0) -> [TestRecord] {
    cluster.visible(TopicPartition("\(topic)-copy", partition)).map(\.record)
  }

  static func asSent(_ records: [TestRecord]) -> [TestRecord] {
    records.map { record in
      var record = record
      record.offset = -1
      return record
    }
  }
}

/// The digest of records, computed from scratch.
func digest(of records: [TestRecord]) throws -> RecordsDigest {
  let digester = try RecordDigester()
  var sum = RecordsDigest.empty
  for record in records { sum.append(try record.lend { try digester.digest(of: $0) }) }
  return sum
}

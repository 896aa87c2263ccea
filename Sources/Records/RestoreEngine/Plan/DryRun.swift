package import ColdStorage
package import Logging
package import RestoreModel

/// What a run of a document would do, found out without doing any of it: nothing is created, committed or sent, in the sink, the storage or
/// the control topics. Its calls block.
package struct DryRun: Hashable, Sendable {
  package struct Topic: Hashable, Sendable {
    package let source: TopicName
    package let target: TopicName
    /// Nil when lanes can't be planned, which a failure explains.
    package let lane: LaneID?
    /// The target is absent, and `createTargets` is `missing`.
    package let isCreated: Bool
    package let partitions: [Partition]
  }

  package struct Partition: Hashable, Sendable {
    package let number: Int32
    /// Of the source: what the run looks at.
    package let offsets: Range<Int64>
    /// Of the records that are selected, by time too. Schema rules are not applied.
    package let totals: RecordTotals
  }

  /// In the order of the document; without those whose source is not archived.
  package let topics: [Topic]
  package let lanes: [PlannedLane]
  /// Whether the sink can do `delivery: exactly-once` is tried by a run only: a transaction leaves traces.
  package let preflight: PreflightReport

  package var totals: RecordTotals {
    topics.flatMap(\.partitions).reduce(into: .empty) { $0.add($1.totals) }
  }

  /// - Parameter item: the work `prepare` of a run that has no plan yet. Throws what keeps one from finding out.
  package static func run(_ item: WorkItem, policy: EnginePolicy, logger: Logger) throws(RunFault) -> DryRun {
    let assignment = Assignment(
      item: item, policy: policy, control: WorkControl(item), throttle: Throttle(bytesPerSecond: nil), logger: logger,
      report: { _ in })
    do {
      return try DryRun(assignment)
    } catch {
      switch error {
      case .fatal(let fault), .transient(let fault), .codecRefused(let fault): throw fault
      case .stopped, .superseded, .abandoned:
        throw RunFault(reason: "InternalError", message: "the dry run was interrupted")
      }
    }
  }

  private init(_ assignment: Assignment) throws(WorkInterruption) {
    let selection: RestoreSelection
    do {
      selection = try RestoreSelection(
        try RestoreSource.open(assignment.item.source, policy: assignment.policy), assignment.config,
        planned: assignment.item.sources, opened: assignment.known.archives)
    } catch {
      throw WorkInterruption(error, doing: "opening the archive")
    }
    var cluster = try TargetCluster(assignment)
    var refusals: [String] = []
    if assignment.config.createTargets == .missing { refusals = try cluster.imagine(missing: selection.topics) }
    var report = try Preflight(assignment, isDry: true).run(selection, &cluster)
    report.failures += refusals
    let planned = try RunPlanner(config: assignment.config).lanes(selection, &cluster) ?? []
    var topics: [Topic] = []
    for topic in selection.topics {
      topics.append(
        Topic(
          source: topic.mapping.source, target: topic.target,
          lane: planned.first { $0.topics.contains(topic.target) }?.id, isCreated: cluster.imagines(topic.target),
          partitions: try Self.partitions(topic)))
    }
    self.topics = topics
    lanes = planned
    preflight = report
  }

  private static func partitions(_ topic: SelectedTopic) throws(WorkInterruption) -> [Partition] {
    var partitions: [Partition] = []
    for partition in topic.partitions {
      do {
        partitions.append(
          Partition(
            number: partition.number, offsets: partition.offsets,
            totals: try topic.archive.totals(partition.number, partition.selection)))
      } catch {
        throw WorkInterruption(error, doing: "counting the records of \(topic.mapping.source)")
      }
    }
    return partitions
  }
}

import ColdStorage
import Kafka
import KafkaProtocol
import Logging
import RestoreModel

/// The checks of all topics before any of them starts: every failure of every topic is reported at once.
struct Preflight {
  private let assignment: Assignment
  /// Leaves no trace in the sink.
  private let isDry: Bool

  init(_ assignment: Assignment, isDry: Bool = false) {
    self.assignment = assignment
    self.isDry = isDry
  }

  func run(
    _ selection: RestoreSelection, _ cluster: inout TargetCluster
  ) throws(WorkInterruption) -> PreflightReport {
    var report = PreflightReport(disabled: assignment.config.topics.allSatisfy(\.disablePreflightChecks))
    for (mapping, reason) in selection.absent { report.failures.append("\(mapping.target): \(reason)") }
    var checked: [SelectedTopic] = []
    let begun = try begunTopics(selection.topics, cluster.admin)
    let sink = try sinkConnection()
    for topic in selection.topics {
      try assignment.control.check()
      guard !topic.mapping.disablePreflightChecks else { continue }
      let target = try cluster.target(topic.target)
      let rules = TopicRules(
        topic: topic, target: target, config: assignment.config, now: wallClock(),
        hasBegun: begun.contains(topic.target), lacking: cluster.lacking[topic.target])
      do {
        report.failures += try rules.failures()
        report.warnings += rules.warnings()
        if !sink.replays { report.warnings += try rules.zeroTimestamps() }
      } catch {
        throw WorkInterruption(error, doing: "checking \(topic.mapping.source)")
      }
      guard let target else { continue }
      checked.append(topic)
      if assignment.item.lanes.isEmpty, !cluster.imagines(topic.target) {
        report.warnings += try notEmpty(topic, target, cluster.admin)
      }
    }
    report.failures += unwritable(checked.filter { !cluster.imagines($0.target) }, sink.configuration)
    if !isDry { report.failures += try capability(checked, cluster.admin) }
    report.warnings += sink.configuration.warnings
    let others = try EarlierRuns(assignment).look(for: checked, cluster.admin)
    report.failures += others.failures
    report.warnings += others.warnings
    return report
  }

  /// Targets that the sink's user may not write to, asked of the brokers: trying it would leave a trace. Librdkafka 2.0 can't ask, so of any but a plain
  /// listener a run finds out by its first transaction.
  private func unwritable(_ topics: [SelectedTopic], _ configuration: KafkaConfiguration) -> [String] {
    guard !topics.isEmpty, ClientSettings.refusal(of: configuration) == nil else { return [] }
    do {
      let asker = try BatchProducer(configuration, transactionalID: "\(assignment.names.group).preflight", slots: 1)
      defer { asker.close() }
      let refused = try asker.unwritable(topics.map(\.target.text), timeout: TargetCluster.timeout)
      return refused.map { "\($0): the sink's user lacks WRITE on topic \($0)" }
    } catch {
      // Brokers older than Kafka 2.5, for one. A sink that is out of reach is found by the checks that librdkafka makes.
      assignment.logger.warning(
        "it could not be asked whether the targets may be written to", ["error": error.message])
      return []
    }
  }

  /// Whether stored batches go on unopened to the sink, and what its properties warn of; not the secrets among them.
  private func sinkConnection() throws(WorkInterruption) -> (replays: Bool, configuration: KafkaConfiguration) {
    do {
      let configuration = try SinkConnection(assignment.item, policy: assignment.policy).configuration()
      return (assignment.replays(over: configuration), configuration)
    } catch {
      throw .fatal(error)
    }
  }

  /// What a run that is planned already, and tried again, has restored into.
  private func begunTopics(
    _ topics: [SelectedTopic], _ admin: Admin
  ) throws(WorkInterruption) -> Set<TopicName> {
    guard !assignment.item.lanes.isEmpty else { return [] }
    let partitions = topics.flatMap { topic in
      topic.partitions.map { TopicPartition(topic.target.text, $0.number) }
    }
    do {
      let positions = try admin.committedPositions(
        of: assignment.names.group, partitions: partitions, timeout: TargetCluster.timeout)
      let begun = positions.filter { _, position in
        (LanePosition(offset: position.offset, metadata: position.metadata)?.sent.records ?? 0) > 0
      }
      return Set(begun.keys.map { TopicName($0.topic) })
    } catch {
      throw WorkInterruption(
        error, doing: "fetching the positions of group \(assignment.names.group)",
        needing: .positions(group: assignment.names.group, partitions.map(\.topic)))
    }
  }

  private func notEmpty(
    _ topic: SelectedTopic, _ target: TargetTopic, _ admin: Admin
  ) throws(WorkInterruption) -> [String] {
    var records: Int64 = 0
    for partition in topic.partitions where Int(partition.number) < target.partitionCount {
      do {
        let marks = try admin.watermarks(
          of: TopicPartition(topic.target.text, partition.number), isolation: .readUncommitted,
          timeout: TargetCluster.timeout)
        records += marks.high - marks.low
      } catch {
        throw WorkInterruption(
          error, doing: "asking for the ends of \(topic.target)", needing: .ends([topic.target.text]))
      }
    }
    guard records > 0 else { return [] }
    return ["\(topic.target): the target is not empty (up to \(records) records in the selected partitions)"]
  }

  /// Whether the sink does what exactly-once needs: a transaction with positions of a group without members.
  private func capability(_ topics: [SelectedTopic], _ admin: Admin) throws(WorkInterruption) -> [String] {
    // One of each topic, since each may be refused.
    let partitions = topics.compactMap { topic in
      topic.partitions.first.map { TopicPartition(topic.target.text, $0.number) }
    }
    guard assignment.isExactlyOnce, !partitions.isEmpty else { return [] }
    let names = partitions.map(\.topic)
    let group = "\(assignment.names.group).preflight"
    var access = SinkAccess.positions(group: group, names)
    do {
      // Also makes a new cluster set up what it keeps positions in.
      _ = try admin.committedPositions(of: group, partitions: partitions, timeout: TargetCluster.timeout)
      let configuration = try SinkConnection(assignment.item, policy: assignment.policy).configuration()
      let producer = try TransactionalProducer(configuration, transactionalID: group)
      defer { producer.close() }
      access = .takeOver(group)
      try producer.initTransactions(timeout: TargetCluster.timeout)
      access = .commit(group: group, names, transactionalID: group)
      try producer.begin()
      try producer.sendOffsets(
        Dictionary(partitions.map { ($0, CommittedPosition(offset: 0)) }) { first, _ in first }, memberlessGroup: group,
        timeout: TargetCluster.timeout)
      try producer.abort(timeout: TargetCluster.timeout)
      return []
    } catch {
      let interruption = WorkInterruption(
        error, doing: "a transaction to try whether the sink can do delivery: exactly-once", needing: access)
      guard case .fatal(let fault) = interruption else { throw interruption }
      return ["\(names.count == 1 ? "\(names[0]): " : "")\(fault.message)"]
    }
  }
}

/// The checks of one topic again, when its turn has come: it may have been changed since the run began.
struct TopicCheck {
  private let assignment: Assignment

  init(_ assignment: Assignment) { self.assignment = assignment }

  /// - Parameter hasBegun: the run has restored into it before.
  func run(_ topic: SelectedTopic, hasBegun: Bool) throws(WorkInterruption) {
    guard !topic.mapping.disablePreflightChecks else { return }
    var cluster = try TargetCluster(assignment)
    let target = try cluster.target(topic.target)
    let rules = TopicRules(
      topic: topic, target: target, config: assignment.config, now: wallClock(),
      hasBegun: hasBegun, lacking: cluster.lacking[topic.target])
    let failures: [String]
    do { failures = try rules.failures() } catch {
      throw WorkInterruption(error, doing: "checking \(topic.mapping.source)")
    }
    guard !failures.isEmpty else { return }
    assignment.report(.preflightFailed(PreflightReport(failures: failures)))
    throw .fatal(RunFault(reason: "PreflightFailed", message: failures.joined(separator: "; ")))
  }
}

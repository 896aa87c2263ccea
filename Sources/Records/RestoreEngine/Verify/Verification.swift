import ColdStorage
import Kafka
import RestoreModel

/// Reads what a run restored back from the target and compares it with what its positions say was sent.
struct Verification {
  let assignment: Assignment

  init(_ assignment: Assignment) { self.assignment = assignment }

  func run() throws(WorkInterruption) {
    // The run is done; whoever waits for the result waits for the sink as well.
    var patience = Patience(assignment, limit: nil)
    let receipt = try patience.retry { () throws(WorkInterruption) -> VerificationReceipt in
      do { return try attempt() } catch {
        throw WorkInterruption(
          error, doing: "reading the target back",
          needing: .reading(assignment.item.restoredTopics.map(\.text)))
      }
    }
    assignment.report(.verified(receipt))
  }

  private func attempt() throws -> VerificationReceipt {
    let archive = try RestoreSource.open(assignment.item.source, policy: assignment.policy)
    let selection = try RestoreSelection(
      archive, assignment.config, planned: assignment.item.sources, opened: assignment.known.archives)
    let configuration = try SinkConnection(assignment.item, policy: assignment.policy).configuration()
    let admin = try Admin(configuration)
    defer { admin.close() }
    let cluster = try admin.describeCluster(timeout: TargetCluster.timeout)
    try assignment.check(clusterID: cluster.clusterID)
    var findings: [PartitionFinding] = []
    var losses: [VerificationLoss] = []
    for topic in selection.topics {
      let partitions = cluster.topics[topic.target.text]?.partitionCount ?? 0
      let ranges = try positions(topic, partitions, admin, &losses)
      let reader = TargetReader(topic: topic.target.text, configuration: configuration, control: assignment.control)
      let found = try read(ranges, reader, admin)
      try assignment.steps.reached(.readBack)
      for range in ranges {
        let finding = PartitionFinding(
          topic: topic.target, expected: range, found: found[range.partition] ?? FoundRange(),
          comparesDigests: assignment.config.verify == .digest)
        guard !finding.matches else {
          findings.append(finding)
          continue
        }
        // Only the archive that was restored can say what is missing.
        try selection.check(digest: assignment.item.archiveDigest)
        findings.append(try explain(finding, topic, configuration, admin))
      }
    }
    return receipt(findings, losses)
  }

  /// - Parameter partitions: how many the target has; 0 when it doesn't exist.
  private func positions(
    _ topic: SelectedTopic, _ partitions: Int, _ admin: Admin, _ losses: inout [VerificationLoss]
  ) throws -> [ExpectedRange] {
    guard partitions > 0 else {
      losses.append(.deleted(topic.target))
      return []
    }
    let gone = topic.partitions.map(\.number).filter { $0 >= partitions }
    if !gone.isEmpty { losses.append(.lacking(topic.target, gone, partitions)) }
    let targets = topic.partitions.map(\.number).filter { $0 < partitions }
      .map { TopicPartition(topic.target.text, $0) }
    let committed = try admin.committedPositions(
      of: assignment.names.group, partitions: targets, timeout: TargetCluster.timeout)
    var missing: [Int32] = []
    let ranges = targets.compactMap { target -> ExpectedRange? in
      guard let entry = committed[target], let position = LanePosition(offset: entry.offset, metadata: entry.metadata)
      else {
        missing.append(target.partition)
        return nil
      }
      return ExpectedRange(partition: target.partition, position: position)
    }
    if !missing.isEmpty { losses.append(.unknown(topic.target, missing, assignment.names.group)) }
    return ranges
  }

  private func read(
    _ ranges: [ExpectedRange], _ reader: TargetReader, _ admin: Admin
  ) throws -> [Int32: FoundRange] {
    let digester = try MessageDigester()
    let digests = assignment.config.verify == .digest
    var found: [Int32: FoundRange] = [:]
    let cuts = try reader.read(ranges, admin) { partition, message in
      let (timestamp, type) = message.timestamp
      if type == .logAppendTime { found[partition, default: FoundRange()].isLogAppendTime = true }
      let digest =
        digests
        ? try digester.digest(message, timestamp: timestamp)
        : RecordsDigest(records: 1, timestamps: .empty, rest: .empty)
      found[partition, default: FoundRange()].digest.append(digest)
    }
    for (partition, low) in cuts.expiredBefore { found[partition, default: FoundRange()].expiredBefore = low }
    for (partition, end) in cuts.ends { found[partition, default: FoundRange()].end = end }
    return found
  }

  private func receipt(_ findings: [PartitionFinding], _ losses: [VerificationLoss]) -> VerificationReceipt {
    let isDigest = assignment.config.verify == .digest
    var verdict: VerificationReceipt.Verdict = isDigest ? .digestsMatch : .countsMatch
    let worst = (losses.map(\.verdict) + findings.compactMap(\.verdict)).max { $0.weight < $1.weight }
    // Nothing fences at-least-once: only the very first worker of the very first run was alone for sure.
    let wasAlone = assignment.isExactlyOnce || (assignment.item.id.run == 1 && assignment.claim.number <= 1)
    if let worst { verdict = worst } else if !wasAlone { verdict = .notFenced }
    let records = findings.reduce(0) { $0 + $1.expected.position.sent.records }
    var messages = losses.filter { $0.verdict == verdict }.map(\.message)
    messages += findings.filter { $0.verdict == verdict }.map {
      "\($0.topic)-\($0.expected.partition): \($0.message)"
    }
    if messages.isEmpty {
      messages = ["\(records) records in \(findings.count) partitions are as they were sent"]
      if verdict == .notFenced {
        messages.append(
          "with at-least-once an old process could still have written, which nothing would have kept from it")
      }
    }
    if messages.count > Self.shown { messages[Self.shown...] = ["and \(messages.count - Self.shown) more partitions"] }
    return VerificationReceipt(
      verdict: verdict, message: messages.joined(separator: "; "), partitions: findings.map { $0.entry(isDigest) })
  }

  private static let shown = 5
}

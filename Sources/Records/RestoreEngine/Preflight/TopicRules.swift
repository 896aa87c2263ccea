import ColdStorage
import RestoreModel

/// The checks of one topic that only its archive and its target decide. Every message names the topic, the setting in Kafka's name
/// and the value found.
struct TopicRules {
  let topic: SelectedTopic
  /// Nil: there is no such topic.
  let target: TargetTopic?
  let config: RestoreConfig
  /// Milliseconds since 1970.
  let now: Int64
  /// The run has restored into it before, when it passed: partitions added since can't be taken away again, and hold none of its records.
  var hasBegun = false
  /// What the sink's user may not do, so that the target can't be looked at, if it is there at all.
  var lacking: String?

  func failures() throws(ArchiveError) -> [String] {
    var failures: [String] = []
    if !topic.missing.isEmpty {
      let numbers = topic.missing.map(String.init).joined(separator: ", ")
      failures.append(
        "\(name): partitions \(numbers) are selected, and \(topic.mapping.source) was archived with "
          + "\(topic.archive.partitionCount) partitions")
    }
    guard let target else {
      if let lacking { return failures + ["\(name): the sink's user lacks \(lacking)"] }
      return failures + ["\(name): the target topic does not exist (createTargets: missing would create it)"]
    }
    if target.partitionCount != Int(topic.archive.partitionCount), !hasMore(target) {
      failures.append(
        "\(name): the target has \(target.partitionCount) partitions, and \(topic.mapping.source) was archived with "
          + "\(topic.archive.partitionCount)")
    }
    failures += try largestRecord(target)
    if !target.isLogAppendTime { failures += try timestamps(target) }
    return failures
  }

  private var name: String { topic.target.text }

  private func hasMore(_ target: TargetTopic) -> Bool {
    hasBegun && target.partitionCount > Int(topic.archive.partitionCount)
  }

  private func largestRecord(_ target: TargetTopic) throws(ArchiveError) -> [String] {
    let limit = target.maxMessageBytes
    guard topic.largestRecord(config) > limit else { return [] }
    // What the index says is an upper bound: only records that are selected count.
    let largest = try exactly.largestRecord + topic.addedBytes(config)
    guard largest > limit else { return [] }
    return ["\(name): max.message.bytes is \(limit), and the largest record takes \(largest) bytes"]
  }

  private func timestamps(_ target: TargetTopic) throws(ArchiveError) -> [String] {
    // What the index says is wider than what is selected.
    guard !violations(of: target, topic.timestamps).isEmpty else { return [] }
    return violations(of: target, try stamped)
  }

  /// Of the selected records that have a timestamp: one without (−1) is not checked by brokers.
  private var stamped: ClosedRange<Int64>? {
    get throws(ArchiveError) {
      var all: ClosedRange<Int64>?
      for partition in topic.partitions {
        guard let range = try topic.archive.timestamps(partition.number, partition.selection) else { continue }
        all = min(range.lowerBound, all?.lowerBound ?? .max)...max(range.upperBound, all?.upperBound ?? .min)
      }
      return all
    }
  }

  private func violations(of target: TargetTopic, _ timestamps: ClosedRange<Int64>?) -> [String] {
    guard let timestamps, timestamps.upperBound >= 0 else { return [] }
    var violations: [String] = []
    func check(_ setting: String, _ age: Int64, _ what: String) {
      guard let limit = target.configuration[setting].flatMap({ Int64($0) }), age > limit else { return }
      violations.append("\(name): \(setting) is \(limit), and the \(what)")
    }
    let oldest = max(0, timestamps.lowerBound)
    let newest = timestamps.upperBound
    let (age, lead) = (now - oldest, newest.subtractingReportingOverflow(now).partialValue)
    check("message.timestamp.before.max.ms", age, "oldest record is of \(Instant(milliseconds: oldest))")
    check("message.timestamp.after.max.ms", lead, "newest record is of \(Instant(milliseconds: newest))")
    check(
      "message.timestamp.difference.max.ms", max(age, lead),
      "records are from \(Instant(milliseconds: oldest)) to \(Instant(milliseconds: newest))")
    return violations
  }

  /// Of the selected records only, at the price of opening segments that are cut.
  private var exactly: RecordTotals {
    get throws(ArchiveError) {
      var totals = RecordTotals.empty
      for partition in topic.partitions { totals.add(try topic.archive.totals(partition.number, partition.selection)) }
      return totals
    }
  }

  func warnings() -> [String] {
    guard let target else { return [] }
    var warnings: [String] = []
    if hasMore(target) {
      warnings.append(
        "\(name): the target has \(target.partitionCount) partitions by now, and \(topic.mapping.source) was archived with "
          + "\(topic.archive.partitionCount)")
    }
    if target.isLogAppendTime {
      warnings.append("\(name): message.timestamp.type is LogAppendTime, so records get the time of the restore")
    }
    if let retention = target.configuration["retention.ms"].flatMap({ Int64($0) }), retention >= 0,
      target.cleanupPolicy.contains("delete"), !target.isLogAppendTime, let oldest = topic.timestamps?.lowerBound,
      oldest >= 0, oldest < now - retention
    {
      warnings.append(
        "\(name): retention.ms is \(retention), so records as old as the oldest (\(Instant(milliseconds: oldest))) are "
          + "deleted soon after they are restored")
    }
    let archived = TargetTopic.policies(topic.archive.index.configuration["cleanup.policy"] ?? "delete")
    if archived != target.cleanupPolicy {
      warnings.append(
        "\(name): cleanup.policy is \(target.cleanupPolicy.sorted().joined(separator: ",")), and was "
          + "\(archived.sorted().joined(separator: ",")) at the source")
    }
    return warnings
  }

  /// What becomes of records with timestamp 0 where each record is sent by itself; in a stored batch they go on as they are.
  func zeroTimestamps() throws(ArchiveError) -> [String] {
    guard let target, topic.timestamps?.contains(0) == true, try stamped?.lowerBound == 0 else { return [] }
    let found = "\(name): there are records with timestamp 0, which can't be sent one by one: "
    switch config.onZeroTimestamp {
    case .fail:
      return [found + "the run fails at the first of them (onZeroTimestamp: fail)"]
    case .nearest:
      return target.isLogAppendTime ? [] : [found + "they get 1 ms (onZeroTimestamp: nearest)"]
    }
  }
}

extension SelectedTopic {
  /// Of all segments that may hold a selected record.
  var timestamps: ClosedRange<Int64>? {
    var range: ClosedRange<Int64>?
    for partition in partitions {
      for segment in partition.segments {
        let lowest = min(range?.lowerBound ?? segment.minTimestamp, segment.minTimestamp)
        range = lowest...max(lowest, range?.upperBound ?? segment.maxTimestamp, segment.maxTimestamp)
      }
    }
    return range
  }
}

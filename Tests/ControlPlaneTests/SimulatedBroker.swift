import ControlPlane
import ControlTopics

/// Four topics, one transactional id and one group, as a Kafka cluster keeps them: markers occupy offsets, an open transaction hides what
/// follows it, an epoch fences, compaction keeps offsets. One thread uses it.
final class SimulatedBroker: @unchecked Sendable {
  struct Fenced: Error {}

  enum Content {
    case record(ControlRecord)
    case marker
  }

  struct Entry {
    var offset: Int64
    var content: Content
    /// Nil: written outside of any.
    var transaction: Int?
  }

  private struct Transaction {
    var number: Int
    var epoch: Int
    var topics: Set<ControlTopic> = []
    var position: CommandsPosition?
  }

  private(set) var topics: [ControlTopic: [Entry]] = [:]
  private var ends: [ControlTopic: Int64] = [:]
  private var open: Transaction?
  private var aborted: Set<Int> = []
  private var transactions = 0
  private var epoch = 0
  private(set) var committed: CommandsPosition?
  /// Members in the order in which they joined; the first has the partition.
  private(set) var members: [String] = []
  private(set) var generation = 0
  var now: Int64 = 0
  /// Counts the ends of transactions.
  private(set) var version = 0
  /// Called after whatever may wake a reader or a member.
  var changed: [String: @Sendable () -> Void] = [:]

  // MARK: group

  var assignee: String? { members.first }

  func join(_ member: String) {
    guard !members.contains(member) else { return }
    members.append(member)
    generation += 1
    tell()
  }

  func remove(_ member: String) {
    guard members.contains(member) else { return }
    members.removeAll { $0 == member }
    generation += 1
    tell()
  }

  /// The session of a live member ends: the partition goes to another, and the member joins again.
  func evict(_ member: String) {
    remove(member)
    join(member)
  }

  func loseCommittedPosition() { committed = nil }

  private func tell() { for (_, action) in changed.sorted(by: { $0.key < $1.key }) { action() } }

  // MARK: transactions

  func initTransactions() -> Int {
    epoch += 1
    if let open { end(open, commit: false) }
    open = nil
    return epoch
  }

  func begin(epoch: Int) throws(Fenced) {
    try check(epoch)
    if let open { end(open, commit: false) }
    transactions += 1
    open = Transaction(number: transactions, epoch: epoch)
  }

  func produce(_ record: OutgoingControlRecord, epoch: Int) throws(Fenced) -> Int64 {
    try check(epoch)
    open?.topics.insert(record.topic)
    return append(
      .record(ControlRecord(record, offset: end(of: record.topic), timestamp: now)), record.topic, open?.number)
  }

  func sendOffsets(_ position: CommandsPosition, epoch: Int, generation: Int) throws(Fenced) {
    try check(epoch: epoch, generation: generation)
    open?.position = position
  }

  func check(epoch: Int, generation: Int) throws(Fenced) {
    try check(epoch)
    guard generation == self.generation else { throw Fenced() }
  }

  func commit(epoch: Int) throws(Fenced) {
    try check(epoch)
    guard let open else { throw Fenced() }
    end(open, commit: true)
    self.open = nil
  }

  private func check(_ epoch: Int) throws(Fenced) { if epoch != self.epoch { throw Fenced() } }

  private func end(_ transaction: Transaction, commit: Bool) {
    version += 1
    if commit { committed = transaction.position ?? committed } else { aborted.insert(transaction.number) }
    for topic in ControlTopic.allCases where transaction.topics.contains(topic) { _ = append(.marker, topic, nil) }
    tell()
  }

  // MARK: log

  func send(_ key: [UInt8]?, _ value: [UInt8]?) -> Int64 {
    let offset = end(of: .commands)
    _ = append(
      .record(ControlRecord(topic: .commands, offset: offset, timestamp: now, key: key, value: value)), .commands, nil)
    tell()
    return offset
  }

  func write(_ records: [OutgoingControlRecord]) {
    for record in records {
      _ = append(.record(ControlRecord(record, offset: end(of: record.topic), timestamp: now)), record.topic, nil)
    }
  }

  private func append(_ content: Content, _ topic: ControlTopic, _ transaction: Int?) -> Int64 {
    let offset = end(of: topic)
    topics[topic, default: []].append(Entry(offset: offset, content: content, transaction: transaction))
    ends[topic] = offset + 1
    return offset
  }

  func end(of topic: ControlTopic) -> Int64 { ends[topic] ?? 0 }

  /// Up to the last stable offset.
  func committedRecords(of topic: ControlTopic, from offset: Int64 = 0) -> [ControlRecord] {
    var records: [ControlRecord] = []
    let entries = topics[topic] ?? []
    // Offsets only grow: what lies before `offset` is skipped by halves.
    var (low, high) = (entries.startIndex, entries.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    for entry in entries[low...] {
      if let open, entry.transaction == open.number { break }
      guard entry.offset >= offset, case .record(let record) = entry.content else { continue }
      if let number = entry.transaction, aborted.contains(number) { continue }
      records.append(record)
    }
    return records
  }

  func lastStableOffset(of topic: ControlTopic) -> Int64 {
    guard let open else { return end(of: topic) }
    return topics[topic]?.first { $0.transaction == open.number }?.offset ?? end(of: topic)
  }

  /// Drops every record that a later committed one of its key replaces, and tombstones as if their time were over; never what is not stable yet.
  func compact(_ topic: ControlTopic) {
    let stable = lastStableOffset(of: topic)
    var last: [[UInt8]: Int64] = [:]
    for record in committedRecords(of: topic) { if let key = record.key { last[key] = record.offset } }
    topics[topic]?.removeAll { entry in
      guard entry.offset < stable else { return false }
      guard case .record(let record) = entry.content, let key = record.key else { return true }
      return last[key] != record.offset || record.value == nil
    }
  }
}

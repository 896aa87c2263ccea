import ControlPlane
import ControlTopics

/// Four topics, one transactional id and one group, as a Kafka cluster keeps them: markers occupy offsets and come some time after the
/// answer to the commit, an open transaction hides what follows it, an epoch fences, compaction keeps offsets. One thread uses it.
final class SimulatedBroker: @unchecked Sendable {
  struct Fenced: Error {}
  struct IllegalGeneration: Error {}

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

  let machine: Machine
  let dropped: Rule?
  /// Markers and positions take up to so many milliseconds.
  var lag: Int64 = 2

  // The log.
  private(set) var topics: [ControlTopic: [Entry]] = [:]
  private var ends: [ControlTopic: Int64] = [:]
  private var aborted: Set<Int> = []
  /// Transactions with records but, as yet, without a marker.
  private var undecided: [ControlTopic: Set<Int>] = [:]
  private var transactions = 0
  /// Everything whose commit was accepted, in the order in which it was.
  private(set) var accepted: [ControlRecord] = []

  // The coordinator of the one transactional id.
  struct Transaction {
    let number: Int
    var topics: Set<ControlTopic> = []
    var records: [ControlRecord] = []
    var position: CommandsPosition?
    /// Nil while it is open; then markers are on their way.
    var commits: Bool?
    var markersLeft = 0
  }
  var epoch = 0
  var current: Transaction?
  /// An open transaction of an owner that is gone is aborted after so many milliseconds.
  static let transactionTimeout: Int64 = 20_000

  // The group.
  private(set) var committed: CommandsPosition?
  private var committedBy = 0
  /// Transactions that hold another position, open or with an outcome that isn't applied yet.
  private var doubts: Set<Int> = []
  /// Members in the order in which they joined; the first has the partition.
  private(set) var members: [String] = []
  private(set) var generation = 0
  /// False: the group lets any generation commit. Safety must rest on the epoch alone; the group only decides who should try.
  var mindsGenerations = true
  private var sessions: [String: ObjectIdentifier] = [:]
  static let sessionTimeout: Int64 = 10_000

  /// Called when there may be something to read or to do, by member.
  var changed: [String: @Sendable () -> Void] = [:]
  /// Called when the group rebalances, by member.
  var rebalanced: [String: @Sendable () -> Void] = [:]

  init(_ machine: Machine, without rule: Rule? = nil) {
    self.machine = machine
    dropped = rule
  }

  func tell() { for (_, action) in changed.sorted(by: { $0.key < $1.key }) { action() } }

  // MARK: the log

  func send(_ key: [UInt8]?, _ value: [UInt8]?) -> Int64 {
    let offset = end(of: .commands)
    append(
      .record(ControlRecord(topic: .commands, offset: offset, timestamp: machine.now, key: key, value: value)),
      .commands, nil)
    lastCommand = offset
    tell()
    return offset
  }

  /// The offset of the last one that anybody sent.
  private(set) var lastCommand: Int64 = -1

  func write(_ records: [OutgoingControlRecord]) {
    for record in records {
      let written = ControlRecord(record, offset: end(of: record.topic), timestamp: machine.now)
      accepted.append(written)
      append(.record(written), record.topic, nil)
    }
  }

  /// Somebody else's transaction, which stays open.
  func openForeign(_ topic: ControlTopic) -> Int {
    transactions += 1
    let record = ControlRecord(
      topic: topic, offset: end(of: topic), timestamp: machine.now, key: Array("foreign".utf8), value: [])
    enter(record, transactions)
    return transactions
  }

  func abortForeign(_ number: Int, _ topic: ControlTopic) {
    guard undecided[topic]?.contains(number) == true else { return }
    aborted.insert(number)
    mark(number, topic)
  }

  func enter(_ record: ControlRecord, _ transaction: Int) {
    undecided[record.topic, default: []].insert(transaction)
    append(.record(record), record.topic, transaction)
  }

  func mark(_ transaction: Int, _ topic: ControlTopic) {
    undecided[topic]?.remove(transaction)
    append(.marker, topic, nil)
    tell()
  }

  func nextTransaction() -> Int {
    transactions += 1
    return transactions
  }

  func noteAccepted(_ records: [ControlRecord]) { accepted += records }
  func noteAborted(_ transaction: Int) { aborted.insert(transaction) }

  private func append(_ content: Content, _ topic: ControlTopic, _ transaction: Int?) {
    let offset = end(of: topic)
    topics[topic, default: []].append(Entry(offset: offset, content: content, transaction: transaction))
    ends[topic] = offset + 1
  }

  func end(of topic: ControlTopic) -> Int64 { ends[topic] ?? 0 }

  /// Up to the last stable offset.
  func committedRecords(of topic: ControlTopic, from offset: Int64 = 0) -> [ControlRecord] {
    var records: [ControlRecord] = []
    let entries = topics[topic] ?? []
    let undecided = undecided[topic] ?? []
    for entry in entries[Self.index(of: offset, in: entries)...] {
      if let number = entry.transaction, undecided.contains(number) { break }
      guard case .record(let record) = entry.content else { continue }
      if let number = entry.transaction, aborted.contains(number) { continue }
      records.append(record)
    }
    return records
  }

  /// Offsets only grow: what lies before `offset` is skipped by halves.
  private static func index(of offset: Int64, in entries: [Entry]) -> Int {
    var (low, high) = (entries.startIndex, entries.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func lastStableOffset(of topic: ControlTopic) -> Int64 {
    guard let undecided = undecided[topic], !undecided.isEmpty else { return end(of: topic) }
    return topics[topic]?.first { $0.transaction.map(undecided.contains) ?? false }?.offset ?? end(of: topic)
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

  // MARK: the group

  var assignee: String? { members.first }

  func join(_ member: String) {
    guard !members.contains(member) else { return }
    members.append(member)
    rebalance()
  }

  func remove(_ member: String) {
    guard members.contains(member) else { return }
    members.removeAll { $0 == member }
    rebalance()
  }

  /// Whose heartbeats count for a member: a process that comes back under the name of a dead one is the same member.
  func noteProcess(_ member: String, _ process: ObjectIdentifier) { sessions[member] = process }

  func expel(_ member: String, of process: ObjectIdentifier) { if sessions[member] == process { remove(member) } }

  /// The session of a live member ends: the partition goes to another, and the member joins again.
  func evict(_ member: String) { remove(member) }

  /// Everybody keeps what they have, in a new generation.
  func rebalance() {
    generation += 1
    for (_, action) in rebalanced.sorted(by: { $0.key < $1.key }) { action() }
  }

  /// Brokers forget positions of a group that has no members for long.
  func loseCommittedPosition() { committed = nil }

  var isPositionInDoubt: Bool { !doubts.isEmpty }

  func doubtPosition(in transaction: Int) { doubts.insert(transaction) }

  /// Of two positions the one committed later counts, whichever is applied first.
  func settlePosition(_ position: CommandsPosition?, by transaction: Int) {
    doubts.remove(transaction)
    guard let position, transaction > committedBy else { return }
    committed = position
    committedBy = transaction
  }
}

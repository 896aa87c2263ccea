import ColdStorage
import Kafka
import RestoreModel

/// What a partition of the target is expected to hold, as its position says.
struct ExpectedRange {
  var partition: Int32
  var position: LanePosition
}

/// What was read back of one.
struct FoundRange {
  var digest = RecordsDigest.empty
  /// Retention has deleted from the range's beginning up to, not including, this offset; nil when nothing is gone.
  var expiredBefore: Int64?
  /// The broker set the timestamps: only the rest can be compared.
  var isLogAppendTime = false
  /// The log ends here, at or before the last record that was sent; nil when it reaches further.
  var end: Int64?
}

/// Reads ranges of one topic back as any consumer would see them: committed records only.
struct TargetReader {
  let topic: String
  let configuration: KafkaConfiguration
  let control: WorkControl

  /// Partitions that are read at the same time.
  private static let atOnce = 32
  /// An open transaction of somebody, or a broker away, holds reading up for so long at most.
  private static let patience = Duration.seconds(60)

  /// What of ranges is not there any more, by partition.
  struct Cuts {
    /// Reading had to begin later than the range, here.
    var expiredBefore: [Int32: Int64] = [:]
    /// The log ends here, before the range does.
    var ends: [Int32: Int64] = [:]
  }

  /// Hands over each record of the ranges, in order within each, and returns what of them isn't there.
  func read(
    _ ranges: [ExpectedRange], _ admin: Admin, _ body: (Int32, BorrowedMessage) throws -> Void
  ) throws -> Cuts {
    var cuts = Cuts()
    var rest = ranges.filter { $0.position.lastTarget >= 0 }[...]
    while !rest.isEmpty {
      try read(some: Array(rest.prefix(Self.atOnce)), admin, &cuts, body)
      rest = rest.dropFirst(Self.atOnce)
    }
    return cuts
  }

  private func read(
    some ranges: [ExpectedRange], _ admin: Admin, _ cuts: inout Cuts,
    _ body: (Int32, BorrowedMessage) throws -> Void
  ) throws {
    var configuration = configuration
    configuration.properties["queued.max.messages.kbytes"] = "8192"
    let consumer = try Consumer(configuration, isolation: .readCommitted)
    defer { consumer.close() }
    var open: [Int32: Int64] = [:]
    for range in ranges {
      let partition = TopicPartition(topic, range.partition)
      let there = try admin.watermarks(of: partition, isolation: .readUncommitted, timeout: TargetCluster.timeout)
      if there.low > range.position.firstTarget { cuts.expiredBefore[range.partition] = there.low }
      // It would be waited for at the end for ever.
      if there.high <= range.position.lastTarget { cuts.ends[range.partition] = there.high }
      let first = max(there.low, range.position.firstTarget)
      let last = min(there.high - 1, range.position.lastTarget)
      guard first <= last else { continue }
      open[range.partition] = last
      try consumer.start(partition, at: .offset(first))
    }
    var heard = ContinuousClock.now
    while !open.isEmpty {
      try control.check()
      var failure: KafkaError?
      let count = try consumer.forEachMessage(max: 10_000, timeout: .milliseconds(250)) { event in
        switch event {
        case .endOfPartition(let partition, let offset):
          if let last = open[partition.partition], offset > last { open[partition.partition] = nil }
        case .failed(_, let error): failure = failure ?? error
        case .record: break
        }
      } record: { message in
        guard let last = open[message.partition] else { return }
        if message.offset <= last { try body(message.partition, message) }
        if message.offset >= last { open[message.partition] = nil }
      }
      if count > 0, failure == nil { heard = .now }
      if ContinuousClock.now - heard > Self.patience {
        throw failure
          ?? KafkaError(
            .timedOut,
            "\(topic) partitions \(open.keys.sorted()) can't be read to their end: is a transaction open there?")
      }
    }
  }
}

/// Digests records of the target in the canonical form.
final class MessageDigester {
  private let digester: RecordDigester
  private var record = SourceRecord(offset: 0, timestamp: 0, key: nil, value: nil)

  init() throws(BatchError) { digester = try RecordDigester() }

  func digest(_ message: BorrowedMessage, timestamp: Int64) throws -> RecordsDigest {
    record.offset = message.offset
    record.timestamp = timestamp
    record.key = message.key
    record.value = message.value
    record.headers.removeAll(keepingCapacity: true)
    try message.forEachHeader { name, value in record.headers.append(HeaderView(name: name, value: value)) }
    return try digester.digest(of: record)
  }
}

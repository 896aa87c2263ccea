import ColdStorage
import Kafka

/// One partition on its way into the archive.
final class PartitionCapture {
  enum Phase {
    /// Not read yet.
    case pending
    case reading
    /// Read as far as an open transaction lets one. Can go to `reading` and `done`.
    case waiting
    case done
  }

  let source: TopicPartition
  /// The high watermark when the capture, or its latest round, began.
  private(set) var bound: Int64
  private(set) var phase = Phase.pending
  /// Everything below is captured. Behind the archived record that is to be compared, if there is one.
  private(set) var position: Int64
  /// Where the capture, or its latest round, began.
  private(set) var start: Int64
  private(set) var records: Int64 = 0
  private(set) var contentBytes: UInt64 = 0
  private(set) var losses: [Range<Int64>] = []

  private let writer: PartitionWriter
  private let isCompacted: Bool
  /// The archive's last record, until the topic showed the same one.
  private var unconfirmed: LastRecord?
  /// The archive's last record when the capture began.
  private let archived: LastRecord?
  private let digester: RecordDigester
  private var headers: [HeaderView] = []

  /// - Parameters:
  ///   - bounds: what the topic has of the partition.
  ///   - last: the archive's last record, unless it has none.
  init(
    _ source: TopicPartition, bounds: Range<Int64>, isCompacted: Bool, _ writer: PartitionWriter, last: LastRecord?
  ) throws {
    self.source = source
    self.writer = writer
    self.isCompacted = isCompacted
    bound = bounds.upperBound
    let resume = writer.resumeOffset
    guard bound >= resume else {
      throw ArchiverError.recreated(
        topic: source.topic, reason: "partition \(source.partition) ends at \(bound), and \(resume) are archived")
    }
    digester = try RecordDigester()
    start = max(resume, bounds.lowerBound)
    position = start
    archived = last
    // What retention has deleted can't be compared, and a topic that begins behind it is no new one.
    if let last, last.offset >= bounds.lowerBound { unconfirmed = last }
    try lose(resume..<start)
    if position >= bound && unconfirmed == nil { phase = .done }
  }

  /// Where to read from.
  var fetchOffset: Int64 { unconfirmed?.offset ?? position }

  func started() { phase = .reading }

  func take(_ message: BorrowedMessage) throws {
    let offset = message.offset
    if phase == .done { return }
    phase = .reading
    if let last = unconfirmed {
      if offset < last.offset { return }
      try confirm(last, message)
      if offset == last.offset {
        finishIfComplete()
        return
      }
    }
    // A fetch that begins anew may bring again what was taken, and more than was asked for.
    guard offset >= position else { return }
    guard offset < bound else {
      position = bound
      finishIfComplete()
      return
    }
    let record = try record(message)
    let (_, type) = message.timestamp
    try writer.append(record, TimestampKind(type))
    records += 1
    contentBytes += UInt64(record.contentSize)
    position = offset + 1
    finishIfComplete()
  }

  /// There is nothing to read before `offset`, for now.
  func reached(_ offset: Int64) throws {
    if phase == .done { return }
    if let last = unconfirmed, offset > last.offset { try missing(last) }
    position = max(position, min(offset, bound))
    phase = .waiting
    finishIfComplete()
  }

  /// The topic begins at `low` by now, beyond the position.
  func lost(below low: Int64) throws {
    // With what came after it, the record that was to be compared is gone too.
    if let last = unconfirmed, last.offset < low { unconfirmed = nil }
    guard low > position else { return }
    try lose(position..<min(low, bound))
    phase = .pending
    finishIfComplete()
  }

  /// Throws when the topic ends before what is taken of it.
  func check(_ bounds: Range<Int64>) throws {
    guard bounds.upperBound >= position else {
      throw ArchiverError.recreated(
        topic: source.topic,
        reason: "partition \(source.partition) ends at \(bounds.upperBound), and \(position) are archived")
    }
  }

  /// A round of its own begins: what the topic has by now. The last record taken is compared with the topic's first, so that a topic made anew
  /// between two rounds is noticed.
  func extend(to bounds: Range<Int64>) throws {
    (start, records, contentBytes, losses) = (position, 0, 0, [])
    bound = max(bound, bounds.upperBound)
    guard phase == .done, position < bound else { return }
    if let last = writer.last ?? archived, last.offset >= bounds.lowerBound { unconfirmed = last }
    try lose(position..<max(position, min(bounds.lowerBound, bound)))
    phase = .pending
    finishIfComplete()
  }

  private func lose(_ offsets: Range<Int64>) throws {
    guard !offsets.isEmpty else { return }
    try writer.recordLoss(offsets)
    losses.append(offsets)
    position = offsets.upperBound
  }

  private func finishIfComplete() {
    if position >= bound && unconfirmed == nil { phase = .done }
  }

  private func confirm(_ last: LastRecord, _ message: BorrowedMessage) throws {
    guard message.offset == last.offset else { return try missing(last) }
    guard try digester.digest(of: try record(message)) == last.digest else {
      throw ArchiverError.recreated(
        topic: source.topic,
        reason: "another record stands at offset \(last.offset) of partition \(source.partition)")
    }
    unconfirmed = nil
  }

  private func missing(_ last: LastRecord) throws {
    guard isCompacted else {
      throw ArchiverError.recreated(
        topic: source.topic,
        reason: "no record stands at offset \(last.offset) of partition \(source.partition), the last one archived")
    }
    unconfirmed = nil
  }

  private func record(_ message: BorrowedMessage) throws -> SourceRecord {
    headers.removeAll(keepingCapacity: true)
    try message.forEachHeader { headers.append(HeaderView(name: $0, value: $1)) }
    return SourceRecord(
      offset: message.offset, timestamp: message.timestamp.milliseconds, key: message.key, value: message.value,
      headers: headers)
  }
}

extension TimestampKind {
  init(_ type: TimestampType) {
    switch type {
    case .createTime: self = .createTime
    case .logAppendTime: self = .logAppendTime
    case .notAvailable: self = .none
    }
  }
}

import ColdStorage
import Kafka

/// Captures one topic: everything committed between where its archive ends and the high watermark of now. Its calls
/// block.
final class TopicCapture {
  private(set) var topic: SourceTopic
  let options: CaptureOptions
  private let admin: Admin
  let writer: TopicArchiveWriter
  private let consumer: Consumer
  private(set) var partitions: [PartitionCapture]
  private let clock: () -> Int64
  /// When the capture, or its latest round, began.
  private var now: Int64
  private(set) var lastProgress = ContinuousClock.now
  private var lastCheckpoint = ContinuousClock.now
  private(set) var lastError: KafkaError?
  /// Nothing that was said once is said again.
  private var committed: [Int32: Int64] = [:]

  /// - Parameter clock: milliseconds of Unix time.
  init(
    _ name: String, _ admin: Admin, _ configuration: KafkaConfiguration, _ archive: ArchiveReader,
    _ options: CaptureOptions, clock: @escaping () -> Int64
  ) throws {
    self.options = options
    self.admin = admin
    self.clock = clock
    now = clock()
    // The lease comes first, so that the bounds are of the time after an earlier writer's commit.
    guard try admin.describeTopic(name, timeout: options.requestTimeout) != nil else {
      throw ArchiverError.noSuchTopic(name)
    }
    let writer = try TopicArchiveWriter(
      archive.store, prefix: archive.prefix, topic: name, codec: options.codec, limits: options.limits)
    let topic = try SourceTopic(name, admin, timeout: options.requestTimeout)
    if let archived = writer.index, Int(archived.partitionCount) > topic.bounds.count {
      throw ArchiverError.recreated(
        topic: name, reason: "it has \(topic.bounds.count) partitions, and \(archived.partitionCount) are archived")
    }
    self.writer = writer
    self.topic = topic
    partitions = try topic.bounds.indices.map { try Self.capture(Int32($0), of: topic, writer) }
    consumer = try Consumer(Self.bounded(configuration), isolation: .readCommitted)
  }

  private static func capture(
    _ number: Int32, of topic: SourceTopic, _ writer: TopicArchiveWriter
  ) throws -> PartitionCapture {
    let bounds = topic.bounds[Int(number)]
    return try PartitionCapture(
      TopicPartition(topic.name, number), bounds: bounds, isCompacted: topic.isCompacted,
      try writer.writer(number, startOffset: bounds.lowerBound), last: try writer.lastRecord(number))
  }

  /// librdkafka fetches up to 64 MiB ahead for each partition unless told otherwise.
  private static func bounded(_ configuration: KafkaConfiguration) -> KafkaConfiguration {
    var configuration = configuration
    if configuration.properties["queued.max.messages.kbytes"] == nil {
      configuration.properties["queued.max.messages.kbytes"] = "16384"
    }
    return configuration
  }

  /// - Parameter progress: told from time to time, as often as the options say; false stops the capture.
  func run(_ progress: (CaptureProgress) -> Bool) throws -> CaptureReport {
    defer { close() }
    var told = ContinuousClock.now
    while unfinished {
      try startMore()
      try step()
      let now = ContinuousClock.now
      if now - told >= options.progressInterval {
        told = now
        guard progress(state) else {
          try writer.checkpoint()
          throw ArchiverError.cancelled(topic: topic.name)
        }
      }
      if now - lastCheckpoint > .seconds(10) {
        lastCheckpoint = now
        try writer.checkpoint()
      }
      if now - lastProgress > options.patience { try giveUp() }
    }
    try commit()
    _ = progress(state)
    return report
  }

  private var unfinished: Bool { partitions.contains { $0.phase != .done } }

  /// Another round begins: everything committed up to the high watermark of now, of partitions added since as well.
  func extend() throws {
    let fresh = try SourceTopic(topic.name, admin, timeout: options.requestTimeout)
    guard fresh.bounds.count >= partitions.count else {
      throw ArchiverError.recreated(
        topic: topic.name, reason: "it has \(fresh.bounds.count) partitions, and \(partitions.count) are archived")
    }
    // All of them before any: an error leaves the round as it was.
    for (partition, bounds) in zip(partitions, fresh.bounds) { try partition.check(bounds) }
    for (partition, bounds) in zip(partitions, fresh.bounds) { try partition.extend(to: bounds) }
    for number in partitions.count..<fresh.bounds.count {
      partitions.append(try Self.capture(Int32(number), of: fresh, writer))
    }
    topic = fresh
    now = clock()
  }

  func close() { consumer.close() }

  func startMore() throws {
    var active = partitions.count { $0.phase == .reading }
    for partition in partitions where partition.phase == .pending && active < options.partitionsAtOnce {
      try consumer.start(partition.source, at: .offset(partition.fetchOffset))
      partition.started()
      active += 1
    }
  }

  func step() throws {
    var moved = false
    try consumer.forEachMessage(
      timeout: .milliseconds(200),
      other: { event in
        switch event {
        case .record: break
        case .endOfPartition(let source, let offset):
          guard let partition = partition(source.partition) else { return }
          let before = partition.position
          try partition.reached(offset)
          moved = moved || partition.position > before
          try stopIfDone(partition)
        case .failed(let source, let error): try failed(source, error)
        }
      },
      record: { message in
        guard let partition = partition(message.partition), partition.phase != .done else { return }
        moved = true
        try partition.take(message)
        try stopIfDone(partition)
      })
    if moved {
      lastProgress = .now
      lastError = nil
    }
  }

  private func partition(_ number: Int32) -> PartitionCapture? {
    number >= 0 && Int(number) < partitions.count ? partitions[Int(number)] : nil
  }

  private func stopIfDone(_ partition: PartitionCapture) throws {
    guard partition.phase == .done else { return }
    lastProgress = .now
    try consumer.stop(partition.source)
    try writer.writer(partition.source.partition, startOffset: 0).finish(endOffset: partition.bound)
  }

  private func failed(_ source: TopicPartition?, _ error: KafkaError) throws {
    lastError = error
    switch error.code {
    case .offsetOutOfRange, .autoOffsetReset:
      guard let source, let partition = partition(source.partition), partition.phase != .done else { return }
      try consumer.stop(source)
      let marks = try admin.watermarks(of: source, isolation: .readUncommitted, timeout: options.requestTimeout)
      guard marks.low > partition.fetchOffset else { throw error }
      try partition.lost(below: marks.low)
      try stopIfDone(partition)
    case .unknownTopicOrPartition, .unknownTopic, .unknownPartition, .topicAuthorizationFailed: throw error
    // librdkafka goes on trying; when nothing comes of it, patience ends.
    default: if error.isFatal { throw error }
    }
  }

  /// Patience is at its end. Where everything stable was read, what there is gets committed: it is a whole beginning.
  private func giveUp() throws {
    let open = partitions.filter { $0.phase != .done }
    let shortfalls = open.map {
      ArchiverError.Shortfall(partition: $0.source.partition, reached: $0.position, bound: $0.bound)
    }
    guard open.allSatisfy({ $0.phase == .waiting }) else {
      try writer.checkpoint()
      throw ArchiverError.stalled(topic: topic.name, shortfalls, last: lastError)
    }
    try commit()
    throw ArchiverError.shortfall(topic: topic.name, shortfalls)
  }

  /// Whether there is anything that the last commit didn't have.
  var hasNews: Bool {
    partitions.count != committed.count || partitions.contains { committed[$0.source.partition] != $0.position }
  }

  func commit() throws {
    let reached = partitions.map(\.position)
    let bounds = zip(topic.bounds, reached).map { bounds, reached in
      bounds.lowerBound..<max(bounds.lowerBound, min(bounds.upperBound, reached))
    }
    try writer.commit(
      ArchiveIndex(
        topic: topic.name, topicID: nil, partitionCount: Int32(partitions.count), configuration: topic.configuration,
        capturedAt: now, bounds: bounds),
      endOffsets: Dictionary(uniqueKeysWithValues: partitions.map { ($0.source.partition, $0.position) }))
    committed = Dictionary(uniqueKeysWithValues: partitions.map { ($0.source.partition, $0.position) })
  }

  var state: CaptureProgress {
    var state = CaptureProgress(topic: topic.name)
    for partition in partitions {
      state.records += partition.records
      state.contentBytes += partition.contentBytes
      state.offsetsDone += partition.position - partition.start
      state.offsetsTotal += partition.bound - partition.start
    }
    return state
  }

  var report: CaptureReport {
    CaptureReport(
      topic: topic.name,
      partitions: partitions.map {
        .init(
          partition: $0.source.partition, offsets: $0.start..<max($0.start, $0.position), records: $0.records,
          losses: $0.losses)
      })
  }
}

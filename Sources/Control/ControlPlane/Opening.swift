import ControlTopics
import Logging
import RestoreModel
import Threads

/// What a new owner finds: the fold of `specs` and `status` up to their true ends, checked against what the committed position says was
/// written, and where `commands` goes on.
struct Opening {
  var state: ControlState
  var installation: String
  var conditions: [ServiceCondition]
  /// The next offset of `commands` to decide.
  var position: Int64
  /// Offsets of the last record known to be written to each of our topics.
  var written: [ControlTopic: Int64]

  /// Throws `CorruptLog` when the topics aren't what the committed position speaks of: deciding on less than what is recorded would restore
  /// data twice.
  static func read(from term: any OwnerTerm, naming: TopicNaming, logger: Logger) async throws -> Opening {
    do { return try await compose(from: term, naming: naming, logger: logger) } catch let corrupt as CorruptLog {
      // A successor that wrote between two of these reads makes them disagree: only the owner may say that the topics are wrong.
      try await term.prove()
      throw corrupt
    }
  }

  private static func compose(from term: any OwnerTerm, naming: TopicNaming, logger: Logger) async throws -> Opening {
    var fold = try await foldDocuments(of: term)
    let metadata = try fold.committedMetadata(of: term.committed, naming: naming)
    guard let installation = fold.decoder.state.installation else {
      throw await missingInstallation(in: term, naming: naming)
    }
    let last = try await lastEvent(in: term, from: metadata?.events)
    if let committed = term.committed, let metadata {
      try fold.compare(committed, metadata, with: last, expired: try await hasExpired(metadata.events, in: term))
    } else {
      try fold.goOn(after: last, naming: naming, logger: logger)
    }
    var opening = Opening(
      state: fold.decoder.state, installation: installation, conditions: fold.decoder.serviceConditions,
      position: fold.decoder.state.commandsThrough + 1, written: fold.written)
    opening.position = try await startingPoint(opening.position, in: term, naming: naming, logger: logger)
    return opening
  }

  private static func foldDocuments(of term: any OwnerTerm) async throws -> Fold {
    let fold = SharedFold()
    defer { fold.close() }
    // Both at the same time: reading the records is most of the work.
    let ends = try await withThrowingTaskGroup(of: (ControlTopic, Int64).self) { group in
      for topic in [ControlTopic.specs, .status] {
        group.addTask {
          let part = fold.part()
          let end = try await term.replay(topic, from: nil) { try part.take($0) }
          try await part.finish()
          return (topic, end)
        }
      }
      return try await group.reduce(into: [:]) { ends, found in ends[found.0] = found.1 }
    }
    let folded = fold.folded
    try folded.finish()
    return Fold(decoder: folded, ends: ends)
  }

  /// From the last event that the committed position knows of, or from the first.
  private static func lastEvent(in term: any OwnerTerm, from offset: Int64?) async throws -> FoundEvent? {
    let found = Locked<FoundEvent?>(nil)
    if let offset, try await term.extent(of: .events).end <= offset {
      throw CorruptLog(
        .incomplete, topic: .events, offset: nil,
        "the topic ends before offset \(offset), which is known to have been written; it was truncated or created anew")
    }
    let expired = try await hasExpired(offset, in: term)
    _ = try await term.replay(.events, from: expired ? nil : offset) { records in
      for record in records { try found.withLock { try follow(&$0, by: record) } }
    }
    return found.withLock { $0 }
  }

  private static func follow(_ found: inout FoundEvent?, by record: ControlRecord) throws {
    let event = try EventRecord.decode(record)
    if let found, event.event.sequence != found.record.event.sequence + 1 {
      throw CorruptLog(
        .unreadable, topic: .events, offset: record.offset,
        "sequence \(event.event.sequence) follows \(found.record.event.sequence)")
    }
    found = FoundEvent(record: event, offset: record.offset)
  }

  /// Somebody gave the topic a retention time.
  private static func hasExpired(_ offset: Int64?, in term: any OwnerTerm) async throws -> Bool {
    guard let offset else { return false }
    return try await term.extent(of: .events).first > offset
  }

  private static func missingInstallation(in term: any OwnerTerm, naming: TopicNaming) async -> any Error {
    let specs = naming.name(of: .specs)
    if term.committed != nil {
      return CorruptLog(
        .foreignInstallation, topic: .specs, offset: nil,
        "the topic knows no installation, but the group \(naming.owner) has a committed position: it was created anew under the old group"
      )
    }
    return ControlLogFailure("\(specs) holds no installation: run `thaw topics create`")
  }

  /// Commands that retention deleted before anybody decided them can't be answered; a position beyond the end was never in this topic.
  private static func startingPoint(
    _ position: Int64, in term: any OwnerTerm, naming: TopicNaming, logger: Logger
  ) async throws -> Int64 {
    let commands = try await term.extent(of: .commands)
    guard position <= commands.end else {
      throw CorruptLog(
        .incomplete, topic: .commands, offset: nil,
        "the topic ends at offset \(commands.end), but \(position) is the next to decide; it was truncated or created anew"
      )
    }
    if position < commands.first {
      if position > 0 || term.committed != nil {
        logger.error(
          "commands were deleted before they were decided",
          ["topic": naming.name(of: .commands), "from": position, "to": commands.first - 1])
      }
      return commands.first
    }
    return position
  }
}

struct FoundEvent: Sendable {
  var record: EventRecord
  var offset: Int64
}

/// The folded documents, where their topics ended when they were read, and the offsets of the last records known to be written.
struct Fold {
  var decoder: StateDecoder
  let ends: [ControlTopic: Int64]
  var written: [ControlTopic: Int64] = [:]

  init(decoder: StateDecoder, ends: [ControlTopic: Int64]) {
    self.decoder = decoder
    self.ends = ends
    for topic in [ControlTopic.specs, .status] { written[topic] = decoder.lastOffset(of: topic) }
  }

  func committedMetadata(of committed: CommandsPosition?, naming: TopicNaming) throws -> CommittedMetadata? {
    guard let committed else { return nil }
    do { return try CommittedMetadata.decode(committed.metadata) } catch {
      throw ControlLogFailure("group \(naming.owner), \(naming.name(of: .commands))-0: \(error)")
    }
  }

  /// The position and the events were written together: whichever says more than the other is not ours.
  mutating func compare(
    _ committed: CommandsPosition, _ metadata: CommittedMetadata, with last: FoundEvent?, expired: Bool
  ) throws(CorruptLog) {
    let known = [ControlTopic.specs: metadata.specs, .status: metadata.status, .events: metadata.events]
    written.merge(known.compactMapValues { $0 }) { max($0, $1) }
    if last == nil, expired { return try decoder.note(metadata, offset: committed.offset, ends: ends) }
    guard let last else {
      throw CorruptLog(
        .incomplete, topic: .events, offset: metadata.events, "the last event that was recorded is missing")
    }
    let event = last.record.event
    guard event.sequence == metadata.sequence, event.commandsThrough < committed.offset else {
      throw CorruptLog(
        .incomplete, topic: .events, offset: last.offset,
        "the last event has sequence \(event.sequence) and decides commands through \(event.commandsThrough); the committed position "
          + "has sequence \(metadata.sequence) and goes on at \(committed.offset)")
    }
    written[.events] = last.offset
    try requireSpecsKnow(epoch: metadata.epoch)
    try decoder.note(metadata, offset: committed.offset, ends: ends)
    decoder.note(last.record)
  }

  /// Each owner's first transaction records its epoch there.
  private func requireSpecsKnow(epoch: Int64) throws(CorruptLog) {
    guard decoder.state.epoch < epoch else { return }
    throw CorruptLog(
      .incomplete, topic: .specs, offset: nil,
      "the topic knows of no owner after epoch \(decoder.state.epoch), but one of epoch \(epoch) has decided; it was created anew or truncated"
    )
  }

  /// No committed position: a new installation, or the group's offsets expired. The events know how far commands were decided; starting over
  /// would decide them twice.
  mutating func goOn(after last: FoundEvent?, naming: TopicNaming, logger: Logger) throws(CorruptLog) {
    guard let last else {
      // An epoch is recorded with an owner's first event. Records that were aborted are none.
      guard decoder.state.epoch == 0 else {
        throw CorruptLog(
          .incomplete, topic: .events, offset: nil,
          "no event is left to say which commands were decided, and the group \(naming.owner) has no committed position; "
            + "restore the topic, or commit the position by a snapshot of the group")
      }
      return
    }
    try requireSpecsKnow(epoch: last.record.event.epoch)
    decoder.note(last.record)
    written[.events] = last.offset
    logger.warning(
      "the group has no committed position; going on after the last command that events cite",
      ["group": naming.owner, "position": decoder.state.commandsThrough + 1])
  }
}

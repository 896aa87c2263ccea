import Crypto
package import RestoreModel

/// Proves the history: folds `events` from the first on, and checks after each one that it stands where it must and that the state is the
/// one whose hash it carries. At its end, `compare(with:)` holds the state against `specs` and `status`.
///
/// Pure: whoever reads the topics feeds it.
package struct Audit: Sendable {
  package private(set) var report = AuditReport()
  /// Where the latest event of each key stands.
  private var latest: [ResourceKey: Int64] = [:]
  private var comparison: HeadComparison?
  private var installation: String?
  private var decision: Decision?

  /// The command that is being answered: a decision's events stand together, and one of them is the outcome.
  private struct Decision {
    var offset: Int64
    var isAnswered: Bool
  }

  /// - Parameter key: hashes and documents of this one alone are compared; nil: all.
  package init(of key: ResourceKey? = nil) { report.key = key }

  private var state: ControlState { report.state }

  /// Takes the next record of `events`. After a difference the audit is over: what follows from a wrong state is wrong, too.
  /// Throws `AuditDifference`, `CorruptLog` for what can't be read, and `CryptoError`.
  package mutating func replay(_ record: ControlRecord) throws {
    let read = try EventRecord.decode(record)
    let event = read.event
    try checkIdentity(of: record, event)
    try checkSequence(of: read)
    try checkOwner(of: read)
    try checkCause(of: read)
    report.state.evolve(event)
    report.events += 1
    report.offsets = (report.offsets?.lowerBound ?? read.offset)...read.offset
    if let key = event.key { latest[key] = read.offset }
    if report.key == nil || report.key == event.key { try checkState(after: read) }
    try comparison?.goOn(report.state)
  }

  private func difference(
    _ problem: AuditDifference.Problem, _ read: EventRecord, _ message: String
  ) -> AuditDifference {
    AuditDifference(
      problem, topic: .events, offset: read.offset, key: read.event.recordKey, sequence: read.event.sequence, message)
  }

  /// The CloudEvents id is the installation's and counts with the sequence.
  private mutating func checkIdentity(of record: ControlRecord, _ event: Event) throws {
    let suffix = "-\(event.sequence)"
    guard let id = record.header("ce_id"), id.hasSuffix(suffix) else {
      throw record.corrupt("the header ce_id is not that of an event with sequence \(event.sequence)")
    }
    let found = String(id.dropLast(suffix.count))
    if let installation, installation != found {
      throw record.corrupt("the event is one of installation \(found), those before it are of \(installation)")
    }
    installation = found
  }

  private func checkSequence(of read: EventRecord) throws(AuditDifference) {
    let (expected, found) = (state.sequence + 1, read.event.sequence)
    guard found != expected else { return }
    if report.events == 0 {
      throw difference(
        .missingEvent, read, "the history begins with sequence \(found): events before it are no longer in the topic")
    }
    throw difference(
      found > expected ? .missingEvent : .order, read,
      found == expected + 1
        ? "sequence \(found) follows \(expected - 1): the event \(expected) is missing"
        : found > expected
          ? "sequence \(found) follows \(expected - 1): events \(expected) to \(found - 1) are missing"
          : "sequence \(found) follows \(expected - 1): the count went back")
  }

  /// An epoch begins with the event that says so, and with no other.
  private mutating func checkOwner(of read: EventRecord) throws(AuditDifference) {
    let (known, found) = (state.epoch, read.event.epoch)
    if case .ownerChanged = read.event.content {
      guard found > known else {
        throw difference(.order, read, "an owner of epoch \(found) took over from one of epoch \(known)")
      }
      report.owners += 1
    } else if found != known {
      throw difference(.order, read, "an owner of epoch \(found) decided in epoch \(known)")
    }
    guard read.event.time >= state.time else {
      throw difference(.order, read, "its time, \(read.event.time), is before that of an earlier event, \(state.time)")
    }
  }

  /// Commands are decided in their order, each has one outcome, and nothing comes between the events of a decision.
  private mutating func checkCause(of read: EventRecord) throws(AuditDifference) {
    let event = read.event
    guard case .command(let offset, _) = event.cause else {
      try requireAnswer(before: read)
      guard event.commandsThrough == state.commandsThrough, !event.outcome else {
        throw difference(.order, read, "it answers no command, but states the outcome of one")
      }
      return
    }
    if decision?.offset != offset {
      try requireAnswer(before: read)
      guard offset > state.commandsThrough else {
        throw difference(
          .order, read,
          "it is about the command at offset \(offset), after that at offset \(state.commandsThrough) was decided")
      }
      decision = Decision(offset: offset, isAnswered: false)
    }
    guard event.commandsThrough == offset else {
      throw difference(
        .order, read,
        "it is about the command at offset \(offset), but counts commands through \(event.commandsThrough)")
    }
    if event.outcome, decision?.isAnswered == true {
      throw difference(.order, read, "the command at offset \(offset) has a second outcome")
    }
    if event.outcome { decision?.isAnswered = true }
  }

  private func requireAnswer(before read: EventRecord) throws(AuditDifference) {
    guard let decision, !decision.isAnswered else { return }
    throw difference(.order, read, "the command at offset \(decision.offset) has no outcome before the next decision")
  }

  private mutating func checkState(after read: EventRecord) throws {
    let event = read.event
    let resource = event.key.flatMap { state.resources[$0] }
    let run = resource.flatMap { $0.status.run > 0 ? $0.status.run : nil }
    for (name, stated, found) in [
      ("uid", event.uid?.text, resource?.metadata.uid.text), ("run", event.run.map { "\($0)" }, run.map { "\($0)" }),
      ("generation", event.generation.map { "\($0)" }, resource.map { "\($0.metadata.generation)" }),
      ("stateHash", read.stateHash, try resource?.stateHash()),
    ] where stated != found {
      throw difference(
        .state, read,
        "\(event.content.type) states the \(name) \(stated ?? "null"), the events up to it lead to \(found ?? "null")")
    }
    report.hashes += 1
  }
}

extension Audit {
  /// Compares with `specs` and `status`, read to their true ends after all that was replayed so far. What follows a later event is compared
  /// when that one is replayed.
  package mutating func compare(with head: RecordedHead) throws(AuditDifference) {
    if let installation, head.state.installation != installation {
      throw AuditDifference(
        .head, topic: .specs, offset: nil, key: .installation,
        "the topic is of installation \(head.state.installation ?? "none"), the events are of \(installation)")
    }
    var comparison = HeadComparison(head, of: report.key)
    try comparison.begin(state, latest: latest)
    self.comparison = comparison
  }

  /// The end of a whole audit: no decision may be left half, and no record of `specs` or `status` follow an event that isn't there.
  package mutating func finish() throws(AuditDifference) {
    if let decision, !decision.isAnswered {
      throw AuditDifference(
        .missingEvent, topic: .events, offset: report.offsets?.upperBound, sequence: state.sequence,
        "the command at offset \(decision.offset) has no outcome, and no event follows")
    }
    try comparison?.finish(state)
    report.isHeadCompared = comparison != nil
  }

  /// What was found up to a difference, and the difference.
  package mutating func stop(at difference: AuditDifference) { report.difference = difference }
}

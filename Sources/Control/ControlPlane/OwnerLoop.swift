import ControlTopics
import Logging
import RestoreModel

/// One term of ownership, from the fold to its end: takes what comes in, decides, and commits whole decisions, many of them in one
/// transaction when there are many.
///
/// Not Sendable: one task runs it from beginning to end, and drops it with all that it knows.
final class OwnerLoop {
  /// The owner's first transaction is committed: this term counts.
  private(set) var hasDecided = false

  let plane: Controller
  let term: any OwnerTerm
  var ledger: Ledger
  /// The next offset of `commands` to decide, after all that the ledger holds.
  var position: Int64
  var progress: ProgressBoard
  var conditions: [ServiceCondition]
  let installation: String
  private var written: [ControlTopic: Int64]
  private var dropped = 0
  private var blockedCheckDue = Instant(milliseconds: 0)
  private var forgettingDue = Instant(milliseconds: 0)

  init(_ plane: Controller, _ term: any OwnerTerm, _ opening: Opening) {
    self.plane = plane
    self.term = term
    installation = opening.installation
    written = opening.written
    position = opening.position
    conditions = opening.conditions
    progress = ProgressBoard(interval: plane.settings.progressInterval)
    ledger = Ledger(
      state: opening.state, installation: opening.installation, epoch: opening.state.epoch + 1,
      limit: term.maxMessageBytes)
  }

  /// Returns when the task is cancelled, with nothing undecided in hand.
  func run() async throws {
    try await begin()
    while !Task.isCancelled {
      let commands = try await term.nextCommands(max: plane.settings.commandsPerTransaction)
      let reported = plane.inbox.take()
      progress.add(reported.progress)
      for fact in reported.facts { try await take(fact) }
      for command in commands { try await take(command) }
      try await keepHouse()
      try await commit()
    }
  }

  /// Records the new epoch and the claims of this owner. No work starts before that: two owners may compute the same epoch, only
  /// one can record it.
  ///
  /// The epoch comes with the first transaction, the claims of many runs with several. Any of them may be the last: no work starts, no fact and no
  /// command is decided before all are committed, and the next owner takes over every run anew.
  private func begin() async throws {
    for draft in ledger.state.decideTakeOver(instance: plane.instance) {
      try ledger.enter([draft], time: now, cause: .owner("takeOver"))
      guard ledger.bytes > plane.settings.bytesPerTransaction else { continue }
      try await commit()
      if Task.isCancelled { return }
    }
    try await commit()
    hasDecided = true
    try await term.startCommands(at: position)
    for key in ledger.state.resources.keys where key.kind == .restore { reconcile(key) }
    plane.logger.info("took over", ["epoch": ledger.epoch, "position": position])
  }

  // MARK: inputs

  private func take(_ record: ControlRecord) async throws {
    let input = try await input(from: record)
    do {
      try enter(ledger.state.decide(input), of: input)
    } catch let tooLarge as Ledger.TooLarge {
      try reject(input, tooLarge)
    }
    position = record.offset + 1
    if ledger.bytes > plane.settings.bytesPerTransaction { try await commit() }
  }

  private func enter(_ drafts: [EventDraft], of input: CommandInput) throws {
    guard drafts.count(where: \.outcome) == 1 else {
      throw Inconsistency("the command at offset \(input.offset) has not exactly one outcome")
    }
    try ledger.enter(
      drafts, time: input.time, cause: .command(offset: input.offset, id: input.id), commandsThrough: input.offset)
  }

  private func reject(_ input: CommandInput, _ tooLarge: Ledger.TooLarge) throws {
    let topic = plane.naming.name(of: tooLarge.topic)
    var rejected = input
    rejected.command = .failure(
      Rejection(
        .tooLarge,
        "it would write a record of \(tooLarge.bytes) bytes to \(topic), whose max.message.bytes is \(tooLarge.limit)"))
    do {
      try enter(ledger.state.decide(rejected), of: rejected)
    } catch is Ledger.TooLarge {
      // Not even the command's id fits into the status: without one the answer leaves the state as it is.
      rejected.id = nil
      try enter(ledger.state.decide(rejected), of: rejected)
    }
  }

  private func take(_ fact: Fact) async throws {
    let time = now
    let drafts = ledger.state.decide(fact, at: time)
    guard !drafts.isEmpty else {
      dropped += 1
      return plane.logger.debug(
        "a fact changes nothing", ["key": fact.key, "fact": fact.name, "claim": fact.claim, "dropped": dropped])
    }
    do {
      try ledger.enter(drafts, time: time, cause: .fact(fact.name))
    } catch let tooLarge as Ledger.TooLarge {
      try fail(fact, tooLarge, at: time)
    }
    if ledger.bytes > plane.settings.bytesPerTransaction { try await commit() }
  }

  /// A report that no broker would take fails its run: nobody would ever learn of it otherwise.
  private func fail(_ fact: Fact, _ tooLarge: Ledger.TooLarge, at time: Instant) throws {
    var failed = fact
    failed.content = .failed(
      RunFault(
        reason: "TooLarge",
        message: "what \(fact.name) reports takes a record of \(tooLarge.bytes) bytes, and the max.message.bytes of "
          + "\(plane.naming.name(of: tooLarge.topic)) is \(tooLarge.limit): map fewer topics, or raise it"))
    do {
      try ledger.enter(ledger.state.decide(failed, at: time), time: time, cause: .fact(fact.name))
    } catch is Ledger.TooLarge {
      plane.logger.error("a report is too large to be recorded", ["key": fact.key, "fact": fact.name])
    }
  }

  // MARK: timers

  private func keepHouse() async throws {
    let time = now
    if time >= forgettingDue {
      forgettingDue = Instant(milliseconds: time.milliseconds + plane.settings.forgettingInterval)
      for key in ledger.state.keysToForget(at: time) { ledger.forget(key, at: time) }
    }
    try showProgress(at: time)
    if time >= blockedCheckDue {
      blockedCheckDue = Instant(milliseconds: time.milliseconds + plane.settings.blockedInterval)
      await showBlocked(at: time)
    }
  }

  private func showProgress(at time: Instant) throws {
    for fact in progress.takeDue(at: time, touched: ledger.touched) {
      let drafts = ledger.state.decide(fact, at: time)
      if !drafts.isEmpty { try ledger.enter(drafts, time: time, cause: .fact(fact.name)) }
      _ = ledger.show(progress: fact) { progress.rates(of: fact.key, at: time, in: $0) }
    }
  }

  // MARK: commit

  /// Nothing is reconciled, and no answer can be read, before the transaction is committed.
  private func commit() async throws {
    guard !ledger.isEmpty else { return }
    let (state, installation, before) = (ledger.state, installation, written)
    let records = ledger.records()
    let position = position
    let now = try await term.commit(records, position: position) { written in
      let last = before.merging(written) { $1 }
      return CommittedMetadata(
        installation: installation, sequence: state.sequence, epoch: state.epoch, time: state.time,
        specs: last[.specs], status: last[.status], events: last[.events]
      ).encode()
    }
    written.merge(now) { $1 }
    let touched = ledger.committed()
    progress.wrote(touched, at: self.now, in: ledger.state)
    if hasDecided { reconcileWhatDependsOn(touched) }
  }

  private func reconcileWhatDependsOn(_ touched: Set<ResourceKey>) {
    // A Storage, EventHub or Credentials that changed changes the work of whatever names it.
    let namespaces = Set(touched.filter { $0.kind != .restore }.map(\.namespace))
    var keys = touched.filter { $0.kind == .restore }
    if !namespaces.isEmpty {
      keys.formUnion(
        ledger.state.resources.keys.filter { $0.kind == .restore && namespaces.contains($0.namespace) })
    }
    for key in keys { reconcile(key) }
  }

  private func reconcile(_ key: ResourceKey) { plane.work.reconcile(key, ledger.state.desiredWork(for: key)) }

  /// Never before anything that was decided, whatever the clock says.
  var now: Instant { max(plane.clock.now(), ledger.state.time) }
}

/// Our own code is wrong. Going on could answer a command twice, or never.
struct Inconsistency: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description + "; this is a defect, please report it" }
}

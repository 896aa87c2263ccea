import RestoreModel

/// The sink cluster: what lanes have committed there. It outlives every process. Each lane has a transactional id and the positions of its topics; the
/// group of the positions has no members, so that the epoch is the only fence.
final class SimulatedSink: @unchecked Sendable {
  struct Fenced: Error {}

  struct Place: Hashable, CustomStringConvertible {
    var uid: UID
    var run: Int
    var lane: LaneID
    var description: String { "run \(run) lane \(lane)" }
  }

  struct Positions: Equatable {
    var next: [TopicName: Int]
    var claim: Claim
  }

  private struct Coordinator {
    var epoch = 0
    var isEnding = false
    var doubts = 0
    var positions: Positions?
    /// Milliseconds, of the positions.
    var committed: Int64 = 0
    var transactions = 0
    /// The transaction that the positions are of.
    var newest = 0
    var written: [TopicName: Int] = [:]
  }

  /// How long a run is.
  var recordsPerTopic = 3

  let machine: Machine
  let dropped: Rule?
  var lag: Int64 = 2
  /// Positions that nobody has committed for so many milliseconds are gone, as after `offsets.retention.minutes`.
  var retention: Int64?
  /// What the control topics promise: the run writes nothing (more).
  var isQuiet: (Place) -> Bool = { _ in false }
  private(set) var faults: [String] = []
  private var places: [Place: Coordinator] = [:]

  init(_ machine: Machine, without rule: Rule? = nil) {
    self.machine = machine
    dropped = rule
  }

  /// Nil: the transaction before is still being ended, try again.
  func initTransactions(_ place: Place) -> Int? {
    var coordinator = places[place] ?? Coordinator()
    guard !coordinator.isEnding else { return nil }
    coordinator.epoch += 1
    places[place] = coordinator
    return coordinator.epoch
  }

  /// Nil: the outcome of a transaction isn't applied yet, ask again.
  func positions(_ place: Place) -> Positions?? {
    var coordinator = places[place] ?? Coordinator()
    if coordinator.doubts > 0, dropped != .laneStablePositions { return nil }
    if let retention, coordinator.doubts == 0, machine.now - coordinator.committed > retention {
      coordinator.positions = nil
      places[place] = coordinator
    }
    return .some(coordinator.positions)
  }

  /// Whole topics of a run.
  func isWhole(_ topic: TopicName, _ place: Place) -> Bool { places[place]?.written[topic] == recordsPerTopic }

  /// The transaction before is still being ended: another one must wait.
  func isEnding(_ place: Place) -> Bool { places[place]?.isEnding ?? false }

  /// One transaction: `count` records of `topic`, if any, and the positions behind them.
  func commit(_ place: Place, epoch: Int, _ topic: TopicName? = nil, count: Int = 0, _ positions: Positions) throws {
    guard var coordinator = places[place], coordinator.epoch == epoch, !coordinator.isEnding else { throw Fenced() }
    if let topic, count > 0 { write(topic, count, place, positions, &coordinator) }
    coordinator.isEnding = true
    coordinator.doubts += 1
    coordinator.transactions += 1
    let number = coordinator.transactions
    places[place] = coordinator
    if dropped == .lanePositionsInTransaction { return settleRecords(place) }
    machine.after(machine.draw(0...lag)) { [self] in
      places[place]?.isEnding = false
      machine.after(machine.draw(0...lag)) { [self] in settle(place, positions, of: number) }
    }
  }

  /// The request is on its way, and arrives unless somebody has taken over by then.
  func commitLater(
    _ place: Place, epoch: Int, _ topic: TopicName?, count: Int, _ positions: Positions, after milliseconds: Int64
  ) {
    machine.after(milliseconds) { [self] in
      try? commit(place, epoch: epoch, topic, count: count, positions)
    }
  }

  /// A plain commit: nothing fences it.
  func put(_ positions: Positions, _ place: Place) {
    if dropped == .keptByTakeOver { noteRetreat(to: positions, place) }
    places[place]?.positions = positions
    places[place]?.committed = machine.now
  }

  /// Nobody has committed for `offsets.retention.minutes`.
  ///
  /// - Parameter uid: nil for all.
  func expire(_ uid: UID? = nil) {
    for place in places.keys where (uid == nil || place.uid == uid) && places[place]?.doubts == 0 {
      places[place]?.positions = nil
    }
  }

  func note(fault: String) { faults.append(fault) }

  private func write(
    _ topic: TopicName, _ count: Int, _ place: Place, _ positions: Positions, _ coordinator: inout Coordinator
  ) {
    let written = coordinator.written[topic] ?? 0
    let first = (positions.next[topic] ?? 0) - count
    if first < written { note(fault: "\(place): \(topic) gets record \(first) again") }
    if first > written { note(fault: "\(place): \(topic) misses record \(written)") }
    if isQuiet(place) { note(fault: "\(place): \(topic) gets a record though the run is recorded as stopped") }
    coordinator.written[topic] = max(written, first + count)
  }

  private func settleRecords(_ place: Place) {
    machine.after(machine.draw(0...lag)) { [self] in
      places[place]?.isEnding = false
      places[place]?.doubts -= 1
    }
  }

  /// Of two transactions the later one's positions count, whichever is applied first.
  private func settle(_ place: Place, _ positions: Positions, of number: Int) {
    places[place]?.doubts -= 1
    guard let coordinator = places[place], number > coordinator.newest else { return }
    noteRetreat(to: positions, place)
    places[place]?.positions = positions
    places[place]?.committed = machine.now
    places[place]?.newest = number
  }

  private func noteRetreat(to positions: Positions, _ place: Place) {
    guard let known = places[place]?.positions else { return }
    if known.claim > positions.claim {
      note(fault: "\(place): the claim goes back from \(known.claim) to \(positions.claim)")
    }
    for (topic, next) in known.next where (positions.next[topic] ?? 0) < next {
      note(fault: "\(place): the position of \(topic) goes back from \(next)")
    }
  }
}

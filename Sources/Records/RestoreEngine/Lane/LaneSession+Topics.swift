import ColdStorage
import Logging
import RestoreModel

extension LaneSession {
  /// Partitions that are read at the same time: bounds open files, memory, and the partitions of a transaction.
  static let window = 512 << 10
  private static let partitionsAtOnce = 32

  func restoreTopics() throws(WorkInterruption) {
    try finishTopics(Set(state.topics.indices))
    while !state.topics.allSatisfy({ $0.state == .restored }) {
      try assignment.control.check()
      try startTopics()
      followThrottle()
      startPartitions()
      tellProgress()
      try refreshPositions()
      guard current != nil || readAhead.isReady(within: .milliseconds(250)) else { continue }
      // Before the transaction, which would time out under a low throttle.
      let budget = assignment.throttle.take(
        upTo: assignment.policy.transactions.bytes, timeout: .milliseconds(250))
      guard budget > 0 else { continue }
      let unspent = try transact(budget: budget)
      if budget != .max { assignment.throttle.giveBack(unspent) }
    }
    tellProgress(last: true)
  }

  /// As many topics at the same time as the lane may, in the order of the document; one that has begun goes on.
  private func startTopics() throws(WorkInterruption) {
    var left = assignment.control.slots - state.topics.count { $0.state == .restoring }
    for index in state.topics.indices where state.topics[index].state == .waiting {
      guard left > 0 else { return }
      left -= 1
      try assignment.sinks.check(assignment, state.topics[index].selected, hasBegun: wasSentTo(index))
      state.topics[index].state = .restoring
      assignment.report(.topicStarted(state.topics[index].target, lane))
    }
    // A topic without anything to restore is restored as soon as it has begun.
    try finishTopics(Set(state.topics.indices))
  }

  /// What was made ready for a much higher rate comes in pieces that are too large for a lower one: it is read again. Between two
  /// transactions nothing of it is on its way.
  private func followThrottle() {
    let rate = assignment.throttle.bytesPerSecond
    guard rate != rateOfReading else { return }
    defer { rateOfReading = rate }
    guard case .wire = sink.form, let rate, rate < (rateOfReading ?? .max) / 2 else { return }
    if let current { readAhead.release([current]) }
    current = nil
    readAhead.restart()
    for index in state.partitions.indices where !state.partitions[index].hasEnded {
      state.partitions[index].isReading = false
    }
  }

  private func startPartitions() {
    var left = Self.partitionsAtOnce - state.partitions.count { $0.isReading }
    for index in state.partitions.indices where left > 0 {
      let partition = state.partitions[index]
      guard !partition.isReading, !partition.hasEnded, state.topics[partition.topic].state == .restoring else {
        continue
      }
      left -= 1
      state.partitions[index].isReading = true
      readAhead.start(
        ReadAhead.Source(
          partition: index, archive: state.topics[partition.topic].selected.archive, number: partition.source.number,
          selection: partition.source.selection(from: partition.position.nextOffset)))
    }
  }

  /// Tells of topics all of whose positions are committed to the end. Those recorded as restored already are not told again.
  func finishTopics(_ indexes: Set<Int>) throws(WorkInterruption) {
    for index in indexes.sorted() where state.topics[index].state != .restored {
      state.topics[index].finished = state.partitions[state.topics[index].partitions].count { $0.isFinished }
      guard state.topics[index].isFinished else { continue }
      // One without any record is begun like every other, so that it is checked.
      let isKnown = assignment.item.restoredTopics.contains(state.topics[index].target)
      if state.topics[index].state == .waiting && !isKnown && !wasSentTo(index) { continue }
      if !isKnown { try checkReach(of: state.topics[index].partitions) }
      state.topics[index].state = .restored
      state.topics[index].figures.settle()
      if !isKnown {
        assignment.report(.topicRestored(state.topics[index].target, lane, state.topics[index].figures))
      }
    }
  }

  private func wasSentTo(_ topic: Int) -> Bool {
    state.partitions[state.topics[topic].partitions].contains { $0.position.sent.records > 0 }
  }

  /// At most twice a second.
  func tellProgress(last: Bool = false) {
    let now = ContinuousClock.now
    guard last || now - reported >= .milliseconds(500) else { return }
    reported = now
    assignment.report(.progress(lane, state.topics.map { $0.progress(lane) }))
  }
}

extension Figures {
  /// All is restored: what was neither sent nor looked at was filtered out, batch by batch.
  fileprivate mutating func settle() {
    recordsRead = recordsTotal
    bytesRead = bytesTotal
    recordsFiltered = max(0, recordsTotal - recordsRestored)
    if recordsFiltered == 0 { bytesRestored = bytesTotal }
  }
}

import ColdStorage
import Kafka
import RestoreModel

extension LaneSession {
  /// One transaction: records and the positions behind them, visible together or not at all. Bounded in time, bytes and partitions.
  /// Returns what is left of the budget; negative when a record was larger.
  func transact(budget: Int) throws(WorkInterruption) -> Int {
    let bounds = assignment.policy.transactions
    var left = min(budget, bounds.bytes)
    let granted = left
    try begin()
    try assignment.steps.reached(.beganTransaction)
    var touched: Set<Int> = []
    do {
      try fill(until: .now + bounds.interval, &left, &touched)
      if let current { try sink.cut(current, &state.partitions[current.partition].tally) }
      try assignment.steps.reached(.sentRecords)
      // Well before the broker ends the transaction by itself.
      try drain(timeout: bounds.timeout / 2)
      releaseAcknowledged()
      try assignment.steps.reached(.drained)
    } catch {
      throw WorkInterruption(
        error, doing: "restoring \(describe(touched))",
        needing: .records(touched.map { state.partitions[$0].target.topic }, transactionalID: transactionalID))
    }
    let positions = try positions(touched)
    try commit(
      positions.reduce(into: [:]) { committed, entry in
        committed[state.partitions[entry.key].target] = CommittedPosition(
          offset: entry.value.nextOffset, metadata: entry.value.metadata)
      }, .sentPositions)
    try apply(positions)
    try assignment.steps.reached(.committed)
    return budget == .max ? 0 : budget - (granted - left)
  }

  /// Sends batches until a bound is reached, or nothing more comes.
  private func fill(until end: ContinuousClock.Instant, _ left: inout Int, _ touched: inout Set<Int>) throws {
    let most = assignment.policy.transactions.partitions
    while left > 0, touched.count < most, ContinuousClock.now < end, assignment.control.stopRequest == nil {
      if current == nil {
        guard let batch = try nextBatch(&touched) else {
          if state.partitions.allSatisfy({ !$0.isReading }) { return }
          // A sink that has enough to do is woken by its acknowledgements; the other waits for the reader, too.
          let isIdle = sink.wantsMore
          if isIdle { readAhead.fallsShort() }
          try sink.poll(timeout: .milliseconds(isIdle ? 2 : 20))
          releaseAcknowledged()
          continue
        }
        current = batch
      }
      guard let batch = current else { continue }
      touched.insert(batch.partition)
      let wasIdle = sink.wantsMore
      switch try send(batch, &left) {
      case .sent:
        unacknowledged.append(batch)
        current = nil
        if wasIdle { try sink.poll(timeout: .zero) }
      case .full: try sink.poll(timeout: .milliseconds(100))
      case .budgetSpent: return
      }
      releaseAcknowledged()
    }
    if assignment.control.stopRequest == .now { throw WorkInterruption.stopped }
  }

  /// Waits for the acknowledgements of what was sent. A sink that falls silent is told of before it is given up.
  private func drain(timeout: Duration) throws {
    let end = ContinuousClock.now + timeout
    var silences = 0
    while true {
      do { return try sink.drain(timeout: Self.silence) } catch {
        guard error.isRetriable, ContinuousClock.now < end else { throw error }
        if assignment.control.stopRequest == .now { throw WorkInterruption.stopped }
        silences += 1
        if silences == 2 {
          let message = "no acknowledgement for \(silences * Int(Self.silence.components.seconds)) s: \(error.message)"
          assignment.report(.waiting(RunFault(reason: RunFault.sinkUnreachable, message: message)))
        }
      }
    }
  }

  private static let silence = Duration.seconds(3)

  private func nextBatch(_ touched: inout Set<Int>) throws -> LoadedBatch? {
    while let item = readAhead.next() {
      switch item {
      case .batch(let batch): return batch
      case .end(let partition):
        state.partitions[partition].hasEnded = true
        state.partitions[partition].isReading = false
        touched.insert(partition)
      case .failed(let interruption): throw interruption
      }
    }
    return nil
  }

  private func send(_ batch: LoadedBatch, _ left: inout Int) throws -> SendOutcome {
    let index = batch.partition
    let target: Int
    if let known = state.partitions[index].sinkTarget {
      target = known
    } else {
      target = try sink.target(state.partitions[index].target)
      state.partitions[index].sinkTarget = target
    }
    return try sink.send(batch, to: target, &state.partitions[index].tally, budget: &left)
  }

  private func releaseAcknowledged() {
    let count = unacknowledged.prefix { sink.outstanding(inSlot: $0.slot) == 0 }.count
    guard count > 0 else { return }
    readAhead.release(unacknowledged.prefix(count))
    unacknowledged.removeFirst(count)
  }

  /// The new positions by index of the partition. Every record sent must have been acknowledged.
  private func positions(_ touched: Set<Int>) throws(WorkInterruption) -> [Int: LanePosition] {
    var positions: [Int: LanePosition] = [:]
    for index in touched {
      let partition = state.partitions[index]
      var range = partition.sinkTarget.map(sink.takeAcknowledged) ?? AcknowledgedRange()
      guard Int64(range.count) == partition.tally.digest.records else {
        throw .transient(
          RunFault(
            reason: RunFault.sinkUnreachable,
            message:
              "\(partition.target): \(range.count) of \(partition.tally.digest.records) records were acknowledged"))
      }
      try checkReach(of: partition, range)
      if range.withoutOffset > 0 { try widen(&range, partition.target) }
      positions[index] = partition.next(claim: assignment.claim, range)
    }
    return positions
  }

  /// A repeated request is acknowledged without its offset: then the range is taken wide enough to hold its records for sure.
  private func widen(_ range: inout AcknowledgedRange, _ target: TopicPartition) throws(WorkInterruption) {
    do {
      guard let end = try sink.ends(of: [target], timeout: Self.timeout)[target] else { return }
      range.first = max(0, (range.first ?? end) - Int64(range.withoutOffset))
      range.last = max(range.last ?? 0, end - 1)
    } catch {
      throw WorkInterruption(error, doing: "asking for the end of \(target)", needing: .ends([target.topic]))
    }
  }

  /// The transaction is committed.
  private func apply(_ positions: [Int: LanePosition]) throws(WorkInterruption) {
    hasProgressed = true
    var topics: Set<Int> = []
    for (index, position) in positions {
      let partition = state.partitions[index]
      state.partitions[index].position = position
      state.partitions[index].tally = SendTally()
      state.topics[partition.topic].figures.add(partition.tally)
      if position.nextOffset >= partition.source.offsets.upperBound { topics.insert(partition.topic) }
    }
    try finishTopics(topics)
  }

  func describe(_ touched: Set<Int>) -> String {
    let topics = Set(touched.map { state.topics[state.partitions[$0].topic].target.text }).sorted()
    return topics.isEmpty ? "lane \(lane)" : topics.joined(separator: ", ")
  }
}

extension Figures {
  fileprivate mutating func add(_ tally: SendTally) {
    recordsRead += tally.recordsRead
    recordsRestored += tally.digest.records
    recordsFiltered += tally.recordsFiltered
    bytesRead += tally.bytesRead
    bytesRestored += tally.bytesSent
    zeroTimestamps += tally.zeroTimestamps
    schemas.add(tally.schemas)
    batches.add(tally.batches)
  }
}

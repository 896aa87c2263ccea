import ControlPlane
import ControlTopics

/// The coordinator of the owner's transactional id, as KIP-98 has it: who initialises it fences whoever did before; the answer to a commit
/// comes when the outcome is decided, and markers follow in any order.
extension SimulatedBroker {
  /// Nil: the transaction before is still being ended, try again.
  func initTransactions() -> Int? {
    guard let current else {
      epoch += 1
      return epoch
    }
    if current.commits == nil {
      epoch += 1
      endCurrent(commit: false)
    }
    return nil
  }

  /// Nil: the transaction before is still being ended, try again.
  func begin(epoch: Int) throws -> Int? {
    try check(epoch)
    guard current == nil else { return nil }
    let number = nextTransaction()
    current = Transaction(number: number)
    machine.after(Self.transactionTimeout) { [self] in
      guard current?.number == number, current?.commits == nil else { return }
      self.epoch += 1
      endCurrent(commit: false)
    }
    return number
  }

  func produce(_ record: OutgoingControlRecord, epoch: Int, in number: Int) throws -> Int64 {
    try check(epoch, number)
    let written = ControlRecord(record, offset: end(of: record.topic), timestamp: machine.now)
    current?.topics.insert(record.topic)
    current?.records.append(written)
    enter(written, number)
    return written.offset
  }

  /// The epoch is looked at first, then the generation.
  func sendOffsets(_ position: CommandsPosition, epoch: Int, generation: Int, in number: Int) throws {
    try check(epoch: epoch, generation: generation, in: number)
    current?.position = position
    doubtPosition(in: number)
  }

  func check(epoch: Int, generation: Int, in number: Int) throws {
    try check(epoch, number)
    guard generation == self.generation || !mindsGenerations else { throw IllegalGeneration() }
  }

  func commit(epoch: Int, _ number: Int) throws {
    try check(epoch, number)
    endCurrent(commit: true)
  }

  func abort(epoch: Int, _ number: Int) {
    guard (try? check(epoch, number)) != nil else { return }
    endCurrent(commit: false)
  }

  /// The request is on its way, and arrives if nothing else has happened by then.
  func commitLater(epoch: Int, _ number: Int, after milliseconds: Int64) {
    machine.after(milliseconds) { [self] in
      guard (try? check(epoch, number)) != nil else { return }
      endCurrent(commit: true)
    }
  }

  private func check(_ epoch: Int) throws {
    if dropped == .ownersAreFenced { return }
    if epoch != self.epoch { throw Fenced() }
  }

  private func check(_ epoch: Int, _ number: Int) throws {
    try check(epoch)
    guard current?.number == number, current?.commits == nil else { throw Fenced() }
  }

  private func endCurrent(commit: Bool) {
    guard var ended = current else { return }
    ended.commits = commit
    ended.markersLeft = ended.topics.count + (ended.position == nil ? 0 : 1)
    if commit { noteAccepted(ended.records) } else { noteAborted(ended.number) }
    current = ended.markersLeft == 0 ? nil : ended
    let number = ended.number
    for topic in ControlTopic.allCases where ended.topics.contains(topic) {
      machine.after(machine.draw(0...lag)) { [self] in
        mark(number, topic)
        noteMarker()
      }
    }
    guard let position = ended.position else { return }
    machine.after(machine.draw(0...lag)) { [self] in
      noteMarker()
      // Offsets show some time after their marker.
      machine.after(machine.draw(0...lag)) { [self] in
        settlePosition(commit ? position : nil, by: number)
        tell()
      }
    }
  }

  private func noteMarker() {
    current?.markersLeft -= 1
    if current?.markersLeft == 0 { current = nil }
    tell()
  }
}

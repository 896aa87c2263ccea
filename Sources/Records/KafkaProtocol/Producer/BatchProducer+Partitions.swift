import Kafka

/// Which partitions the transaction's coordinator is being told of.
struct Additions {
  var call: Call<AddPartitionsToTransaction>?
  var targets: [Int] = []
  /// Those that it has to be told of.
  var wanted: [Int] = []
  var notBefore = ContinuousClock.now
  var pause = Additions.firstPause

  static let firstPause = Duration.milliseconds(2)
  static let longestPause = Duration.milliseconds(50)
}

extension BatchProducer {
  /// Tells the coordinator of partitions before their first batch in a transaction.
  func addPartitions(_ now: ContinuousClock.Instant) {
    if let call = additions.call, call.isOver { readAdditions(call, now) }
    guard additions.call == nil, failure == nil, fatal == nil, phase == .open, let name = transactionName else {
      return
    }
    guard !additions.wanted.isEmpty else { return }
    guard additions.notBefore <= now else { return wake(at: additions.notBefore) }
    let targets = additions.wanted.sorted()
    additions.wanted = []
    let call = Call(
      AddPartitionsToTransaction(name, targets.map { queues[$0].partition }), to: .coordinator(.transaction, name.id))
    additions.call = call
    additions.targets = targets
    calls.append(call)
    hasBegun = true
  }

  /// What has not been sent must not be, in another transaction or after the end of this one.
  func forgetAdditions() {
    if let call = additions.call { calls.removeAll { $0 === call } }
    additions = Additions()
  }

  private func readAdditions(_ call: Call<AddPartitionsToTransaction>, _ now: ContinuousClock.Instant) {
    calls.removeAll { $0 === call }
    additions.call = nil
    var delays = false
    switch call.state {
    case .answered(let answer):
      for target in additions.targets where queues.indices.contains(target) {
        let queue = queues[target]
        switch judge(answer.errors[queue.partition] ?? 13, "adding \(queue.partition) to the transaction") {
        case .fine:
          queue.isInTransaction = true
          list(target)
        // The partition was not looked at because of another one, which says why.
        case .failed(let error) where error.code == .operationNotAttempted:
          delays = true
          additions.wanted.append(target)
        case .failed(let error): fail(error)
        case .again(let error):
          delays = true
          additions.wanted.append(target)
          lastDeliveryError = error
          if error.code.asksForCoordinator { forgetCoordinator(call.destination) }
          // It may be gone: metadata will say so.
          if error.code == .unknownTopicOrPartition {
            setLeader(nil, of: queue.partition)
            wantMetadata()
          }
        }
      }
    case .lost(let error, let wasSent):
      delays = true
      additions.wanted += additions.targets
      if wasSent { needsEpoch = true }
      lastDeliveryError = error
      forgetCoordinator(call.destination)
      if !error.isRetriable { fail(error) }
    case .waiting, .sent: break
    }
    additions.pause = delays ? min(additions.pause * 2, Additions.longestPause) : Additions.firstPause
    additions.notBefore = delays ? now + additions.pause : now
  }
}

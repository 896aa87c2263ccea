import Kafka

extension BatchProducer {
  /// Starts what can be started, waits until `end` at most for something to happen, and takes it in.
  func turn(until end: ContinuousClock.Instant) {
    wake = end
    advance()
    let events = network.turn(until: min(end, wake))
    for event in events {
      switch event {
      case .answer(let tag, let answered):
        switch works.removeValue(forKey: tag) {
        case .call(let call, let connection): call.answered(answered, by: connection)
        case .produce(let request): take(answered, to: request)
        case nil: break
        }
      case .lost(let tag, let error, let wasSent):
        switch works.removeValue(forKey: tag) {
        case .call(let call, _): call.lost(error, wasSent: wasSent)
        case .produce(let request): lose(request, error)
        case nil: break
        }
      }
    }
    if network.hasLostConnection {
      network.hasLostConnection = false
      metadata.isWanted = true
    }
    if !events.isEmpty { advance() }
  }

  private func advance() {
    let now = ContinuousClock.now
    identify()
    watchStalls(now)
    readMetadata(now)
    refreshMetadata(now)
    findCoordinators(now)
    leaveStalled()
    addPartitions(now)
    for call in calls { start(call, now) }
    sendBatches(now)
  }

  func wake(at time: ContinuousClock.Instant) { wake = min(wake, time) }

  /// Sends a call that waits, if its broker is known and its connection ready; and one that has no answer for long to another broker as well.
  func start(_ call: any PendingCall, _ now: ContinuousClock.Instant) {
    if !call.isWaiting {
      guard let time = call.nextCopy else { return }
      guard time <= now else { return wake(at: time) }
    }
    guard let connection = connection(to: call.destination, now) else { return }
    guard connection.throttledUntil <= now else { return wake(at: connection.throttledUntil) }
    nextTag += 1
    guard call.send(over: connection, tag: nextTag) else { return }
    works[nextTag] = .call(call, connection)
  }

  private func connection(to destination: Destination, _ now: ContinuousClock.Instant) -> Connection? {
    switch destination {
    case .anyBroker: return network.anyConnection(now)
    case .coordinator:
      guard let node = coordinators[destination] else {
        if searches[destination] == nil { seek(destination, after: .zero) }
        return nil
      }
      if let connection = network.connection(to: node) { return connection }
      // It may be gone, and another broker have its place. Nothing else would wake us if the cluster has forgotten it.
      if network.isFailing(node) {
        coordinators[destination] = nil
        if searches[destination] == nil { seek(destination, after: .zero) }
      }
      return nil
    case .leader(let partition):
      metadata.add(partition.topic)
      guard let leader = leaders[partition], network.nodes[leader] != nil else {
        wantMetadata()
        return nil
      }
      return network.connection(to: leader)
    }
  }

  /// An idempotent producer's id, of any broker.
  private func identify() {
    guard !isTransactional, identity == nil, fatal == nil else { return }
    guard let call = identityCall else {
      guard !active.isEmpty else { return }
      let request = InitProducerID(transactionalID: nil, timeoutMilliseconds: .max, current: nil)
      let call = Call(request, to: .anyBroker)
      identityCall = call
      calls.append(call)
      return
    }
    guard call.isOver else { return }
    calls.removeAll { $0 === call }
    identityCall = nil
    switch call.state {
    case .answered(let answer) where answer.error == 0: identity = answer.identity
    case .answered(let answer):
      let code = KafkaError.Code(answer.error)
      if !code.mayPass { fail(KafkaError(code, "no producer id: \(code.sentence)", isFatal: true)) }
    case .lost(let error, _): if !error.isRetriable { fail(error) }
    case .waiting, .sent: break
    }
  }
}

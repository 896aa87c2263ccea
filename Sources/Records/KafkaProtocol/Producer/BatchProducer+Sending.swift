import Kafka

/// A request on its way, with at most one batch of each partition.
struct ProduceInFlight {
  let connection: Connection
  let batches: [(target: Int, batch: OutgoingBatch)]
}

extension BatchProducer {
  private static let requestsInFlight = 5
  private static let requestBytes = 8 << 20

  /// Fills each connection's window. Waits for nothing: what can't go now goes with another turn.
  func sendBatches(_ now: ContinuousClock.Instant) {
    guard failure == nil, fatal == nil, let identity, !active.isEmpty else { return }
    let signer = BatchSigner(identity, isTransactional: isTransactional)
    var byLeader: [Int32: [Int]] = [:]
    // The batch that waits longest goes first, so that no partition starves.
    let waiting = active.compactMap { target in queues[target].waiting.first.map { (target, $0.queued) } }
    for (target, _) in waiting.sorted(by: { ($0.1, $0.0) < ($1.1, $1.0) }) {
      let queue = queues[target]
      if let oldest = queue.waiting.first, now - oldest.queued > settings.deliveryTimeout {
        return fail(
          KafkaError(
            .messageTimedOut, "\(queue.partition): a batch was not taken for \(settings.deliveryTimeout)",
            txnRequiresAbort: isTransactional))
      }
      if let notBefore = queue.notBefore, notBefore > now { wake(at: notBefore) }
      guard queue.isInTransaction || !isTransactional else { continue }
      guard let leader = leaders[queue.partition], network.nodes[leader] != nil else {
        wantMetadata()
        continue
      }
      if queue.isReady(for: leader, now: now) { byLeader[leader, default: []].append(target) }
    }
    for (leader, targets) in byLeader { send(targets, to: leader, signer, now) }
  }

  private func send(_ targets: [Int], to leader: Int32, _ signer: BatchSigner, _ now: ContinuousClock.Instant) {
    guard let connection = network.connection(to: leader) else { return }
    guard connection.throttledUntil <= now else { return wake(at: connection.throttledUntil) }
    var ready = targets
    while connection.inFlight < Self.requestsInFlight, !ready.isEmpty {
      var batches: [(target: Int, batch: OutgoingBatch)] = []
      var bytes = 0
      for target in ready where bytes < Self.requestBytes {
        do {
          guard let batch = try queues[target].take(for: leader, signer) else { continue }
          batches.append((target, batch))
          bytes += batch.size
        } catch {
          fail(
            KafkaError(
              .invalidArgument, "a batch for \(queues[target].partition) can't be sent: \(error)",
              txnRequiresAbort: isTransactional))
        }
      }
      guard !batches.isEmpty else { return }
      submit(ProduceInFlight(connection: connection, batches: batches))
      guard failure == nil else { return }
      ready = targets.filter { queues[$0].isReady(for: leader, now: now) }
    }
  }

  private func submit(_ request: ProduceInFlight) {
    let connection = request.connection
    guard let version = connection.versions?.version(of: .produce) else {
      return lose(
        request, KafkaError(.unsupportedFeature, "\(connection.address) takes no such batches", isFatal: true))
    }
    let correlation = connection.nextCorrelation()
    var writer = WireWriter(isFlexible: API.produce.isFlexible(version))
    Produce.writeHeader(&writer, version: version, correlation: correlation, clientID: settings.clientID)
    let produce = Produce(
      transactionalID: transactionalID,
      timeoutMilliseconds: Int32(clamping: settings.requestTimeout.components.seconds * 1000))
    var batches: [TopicPartition: Produce.Batch] = [:]
    for (target, batch) in request.batches {
      batches[queues[target].partition] = Produce.Batch(header: batch.header, payload: batch.payload)
    }
    let cuts = produce.encode(batches, into: &writer)
    nextTag += 1
    works[nextTag] = .produce(request)
    connection.submit(Frame(writer.bytes, cuts), .produce, tag: nextTag, version: version, correlation: correlation)
  }

  /// The answer to a request: each of its batches has one of its own.
  func take(_ answered: Connection.Answered, to request: ProduceInFlight) {
    let answer: Produce.Answer
    do {
      answer = try Produce.answer(in: answered.frame, version: answered.version, correlation: answered.correlation)
    } catch {
      return lose(
        request, KafkaError(.failed, "\(request.connection.address) answers to batches: \(error)", isFatal: true))
    }
    request.connection.throttle(answer.throttle)
    for (target, batch) in request.batches where queues.indices.contains(target) {
      let queue = queues[target]
      let circumstances = ProduceVerdict.Circumstances(
        partition: queue.partition, isTransactional: isTransactional, isOldest: queue.isOldest(batch),
        attempts: batch.attempts)
      guard queue.settle(batch) else { continue }
      let missing = Produce.Acknowledgement(error: 13, baseOffset: -1, message: "it is missing in the answer")
      switch ProduceVerdict(answer.partitions[queue.partition] ?? missing, circumstances) {
      case .acknowledged(let baseOffset): acknowledge(batch, of: queue, baseOffset)
      case .again(let error, let seeksLeader): again(batch, of: queue, error, seeksLeader: seeksLeader)
      case .failed(let error):
        count(batch, -1)
        fail(error)
      }
      settle(target)
    }
  }

  /// No answer came: whether they were written is known when they are sent again, since brokers tell a batch that they have.
  func lose(_ request: ProduceInFlight, _ error: KafkaError) {
    for (target, batch) in request.batches where queues.indices.contains(target) {
      guard queues[target].settle(batch) else { continue }
      again(batch, of: queues[target], error, seeksLeader: true)
      settle(target)
    }
    if !error.isRetriable { fail(error) }
  }

  private func acknowledge(_ batch: OutgoingBatch, of queue: TargetQueue, _ baseOffset: Int64?) {
    queue.isAccepted = true
    queue.notBefore = nil
    let records = Int(batch.recordCount)
    queue.acknowledged.count += records
    if let baseOffset {
      let last = baseOffset + Int64(records) - 1
      queue.acknowledged.firstOffset = min(queue.acknowledged.firstOffset ?? baseOffset, baseOffset)
      queue.acknowledged.lastOffset = max(queue.acknowledged.lastOffset ?? last, last)
    } else {
      queue.acknowledged.withoutOffset += records
    }
    count(batch, -1)
  }

  private func again(_ batch: OutgoingBatch, of queue: TargetQueue, _ error: KafkaError, seeksLeader: Bool) {
    queue.fail(batch)
    queue.notBefore = .now + min(Duration.milliseconds(5) * (1 << min(batch.attempts, 8)), .seconds(1))
    lastDeliveryError = error
    if seeksLeader { metadata.isWanted = true }
  }

  private func settle(_ target: Int) {
    queues[target].requeue()
    if queues[target].isIdle { active.remove(target) }
  }
}

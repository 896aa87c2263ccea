import Kafka

/// A request on its way, with at most one batch of each partition.
struct ProduceInFlight {
  let connection: Connection
  let batches: [(target: Int, batch: OutgoingBatch)]
}

extension BatchProducer {
  private static let requestsInFlight = 5
  private static let requestBytes = 8 << 20

  /// Puts a target among those that have something to send, or asks for what it needs before.
  func list(_ target: Int) {
    let queue = queues[target]
    guard !queue.isListed, queue.isReady else { return }
    guard queue.isInTransaction || !isTransactional else {
      if !queue.isAnnounced { additions.wanted.append(target) }
      queue.isAnnounced = true
      return
    }
    queue.isListed = true
    listed[queue.leader ?? -1, default: []].append(target)
  }

  private func listAnew() {
    isListingStale = false
    listed = [:]
    for (target, queue) in queues.enumerated() {
      queue.leader = leaders[queue.partition]
      queue.isListed = false
      list(target)
    }
  }

  /// Fills each connection's window. Waits for nothing: what can't go now goes with another turn.
  func sendBatches(_ now: ContinuousClock.Instant) {
    guard failure == nil, fatal == nil, let identity, !active.isEmpty else { return }
    checkAges(now)
    if isListingStale { listAnew() }
    let signer = BatchSigner(identity, isTransactional: isTransactional)
    for (leader, targets) in listed where !targets.isEmpty {
      guard failure == nil else { return }
      if network.nodes[leader] == nil { wantMetadata() } else { send(to: leader, signer, now) }
    }
  }

  /// Now and then: a batch that isn't taken for long fails the transaction.
  private func checkAges(_ now: ContinuousClock.Instant) {
    defer { wake(at: nextAgeCheck) }
    guard nextAgeCheck <= now else { return }
    nextAgeCheck = now + .seconds(1)
    for target in active {
      guard let oldest = queues[target].waiting.first, now - oldest.queued > settings.deliveryTimeout else { continue }
      return fail(
        KafkaError(
          .messageTimedOut, "\(queues[target].partition): a batch was not taken for \(settings.deliveryTimeout)",
          txnRequiresAbort: isTransactional))
    }
  }

  private func send(to leader: Int32, _ signer: BatchSigner, _ now: ContinuousClock.Instant) {
    guard let connection = network.connection(to: leader) else { return }
    guard connection.throttledUntil <= now else { return wake(at: connection.throttledUntil) }
    while connection.inFlight < Self.requestsInFlight, failure == nil {
      let batches = takeBatches(for: leader, signer, now)
      guard !batches.isEmpty else { return }
      submit(ProduceInFlight(connection: connection, batches: batches))
    }
  }

  /// The next batch of each target in its turn, as many as go into a request. Who has more queues up again behind the others, so that none starves.
  private func takeBatches(
    for leader: Int32, _ signer: BatchSigner, _ now: ContinuousClock.Instant
  ) -> [(target: Int, batch: OutgoingBatch)] {
    let targets = listed.removeValue(forKey: leader) ?? []
    var batches: [(target: Int, batch: OutgoingBatch)] = []
    var (later, behind): ([Int], [Int]) = ([], [])
    var bytes = 0
    for (index, target) in targets.enumerated() {
      let queue = queues[target]
      guard bytes < Self.requestBytes else {
        later += targets[index...]
        break
      }
      guard queue.isReady, queue.isInTransaction || !isTransactional else {
        queue.isListed = false
        continue
      }
      if let notBefore = queue.notBefore, notBefore > now {
        wake(at: notBefore)
        later.append(target)
        continue
      }
      do {
        guard let batch = try queue.take(for: leader, signer) else { continue }
        batches.append((target, batch))
        bytes += batch.size
        behind.append(target)
      } catch {
        later.append(target)
        fail(
          KafkaError(
            .invalidArgument, "a batch for \(queue.partition) can't be sent: \(error)",
            txnRequiresAbort: isTransactional))
      }
    }
    for target in behind where !queues[target].isReady { queues[target].isListed = false }
    listed[leader] = later + behind.filter { queues[$0].isListed }
    return batches
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
        if error.code == .unsupportedCompressionType { note(CodecRefusal(queue.partition, batch)) }
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

  private func note(_ refusal: CodecRefusal) {
    if !refusals.contains(where: { $0.codec == refusal.codec }) { refusals.append(refusal) }
  }

  private func settle(_ target: Int) {
    queues[target].requeue()
    if queues[target].isIdle { active.remove(target) } else { list(target) }
  }
}

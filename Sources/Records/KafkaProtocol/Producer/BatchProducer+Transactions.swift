package import Kafka

extension BatchProducer {
  var transactionName: TransactionName? {
    guard let transactionalID, let identity else { return nil }
    return TransactionName(id: transactionalID, identity: identity)
  }

  /// Takes over the transactional id: fences whoever had it and ends their open transaction. Not asked again when the connection breaks before the answer,
  /// since an owner checks its claim between two tries.
  package func initTransactions(timeout: Duration) throws(KafkaError) {
    guard transactionalID != nil else { throw KafkaError(.state, "the producer has no transactional id") }
    if let fatal { throw fatal }
    try obtainIdentity(current: nil, until: .now + timeout)
    phase = .idle
  }

  /// - Parameter current: nil to take over; else the own epoch is raised, if nobody has taken over meanwhile.
  private func obtainIdentity(current: ProducerIdentity?, until end: ContinuousClock.Instant) throws(KafkaError) {
    guard let transactionalID else { return }
    let what = current == nil ? "taking over the transactional id" : "raising the producer's epoch"
    let request = InitProducerID(
      transactionalID: transactionalID,
      timeoutMilliseconds: Int32(clamping: transactionTimeout.components.seconds * 1000), current: current)
    let answer = try ask(
      what, request, .coordinator(.transaction, transactionalID), until: end, isRepeatable: current != nil
    ) { judge($0.error, what) }
    identity = answer.identity
    for queue in queues { queue.resetSequence() }
    needsEpoch = false
  }

  /// After a doubtful end of the transaction before, the epoch is raised first: nothing sent under the old one can do harm then.
  package func begin(timeout: Duration = .seconds(30)) throws(KafkaError) {
    if let fatal { throw fatal }
    guard phase == .idle else { throw KafkaError(.state, "a transaction can't begin: \(phase)") }
    if needsEpoch { try obtainIdentity(current: identity, until: .now + timeout) }
    failure = nil
    hasBegun = false
    forgetAdditions()
    listed = [:]
    for queue in queues { queue.beginTransaction() }
    phase = .open
  }

  /// Forgets the first failure of an idempotent producer, which has no `begin`.
  package func resetFailure() { failure = nil }

  /// Commits positions of a group without members with the transaction. Metadata of more than 4,095 bytes is refused by the broker.
  package func sendOffsets(
    _ positions: [TopicPartition: CommittedPosition], memberlessGroup group: String, timeout: Duration
  ) throws(KafkaError) {
    guard !positions.isEmpty else { return }
    if let failure = fatal ?? failure { throw failure }
    guard phase == .open, let name = transactionName else {
      throw KafkaError(.state, "positions were sent outside of a transaction")
    }
    let end = ContinuousClock.now + timeout
    let what = "adding group \(group) to the transaction"
    hasBegun = true
    try doubting { () throws(KafkaError) in
      _ = try ask(
        what, AddOffsetsToTransaction(name, group: group), .coordinator(.transaction, name.id), until: end
      ) { judge($0.error, what) }
      let doing = "committing positions of group \(group)"
      let settled = ContinuousClock.now + MetadataInterest.settling
      let commit = TransactionOffsetCommit(name, group: group, positions)
      _ = try ask(doing, commit, .coordinator(.group, group), until: end) { answer in
        let codes = positions.keys.map { answer.errors[$0] ?? 13 }
        // Brokers before 4.0 look whether the topics exist. Asked until the transaction's time is over, they would end it, and its owner would seem fenced.
        if let code = codes.first(where: { $0 == KafkaError.Code.unknownTopicOrPartition }), .now >= settled {
          return .failed(error(code, doing))
        }
        return judge(all: codes, doing)
      }
    }
  }

  /// A request without an answer might arrive later, in another transaction: then the next one gets an epoch of its own.
  private func doubting(_ body: () throws(KafkaError) -> Void) throws(KafkaError) {
    isOutcomeUnknown = false
    defer { if isOutcomeUnknown { needsEpoch = true } }
    try body()
  }

  /// The gravest of several.
  private func judge(all codes: [Int16], _ what: String) -> AnswerVerdict {
    var worst = AnswerVerdict.fine
    for code in codes {
      switch judge(code, what) {
      case .fine: continue
      case .failed(let error): return .failed(error)
      case .again(let error): worst = .again(error)
      }
    }
    return worst
  }

  /// Waits for what is on its way, then commits. Of a time-out the message says whether the transaction may be committed: call it again to know, or leave
  /// it to the `initTransactions` of a new producer.
  package func commit(timeout: Duration) throws(KafkaError) {
    if let fatal { throw fatal }
    guard phase == .open || phase == .committing, let name = transactionName else {
      throw KafkaError(.state, "there is no transaction to commit")
    }
    let end = ContinuousClock.now + timeout
    try drain(timeout: timeout)
    if hasBegun {
      phase = .committing
      try doubting { () throws(KafkaError) in
        do throws(KafkaError) {
          _ = try ask(
            "committing", EndTransaction(name, commits: true), .coordinator(.transaction, name.id), until: end
          ) { judge($0.error, "committing") }
        } catch {
          guard error.isRetriable else { throw error }
          isCommitUnknown = isCommitUnknown || isOutcomeUnknown
          let outcome =
            isCommitUnknown ? "it is not known whether the transaction was committed" : "nothing was committed yet"
          throw KafkaError(.timedOut, "\(error.message); \(outcome)", isRetriable: true)
        }
      }
    }
    isCommitUnknown = false
    phase = .idle
  }

  /// Takes back what was sent since `begin`: waits for its answers, so that none is written after the end, and closes connections that owe one.
  /// Throws the loss of the fence, which requests in flight may not know of.
  package func abort(timeout: Duration) throws(KafkaError) {
    let end = ContinuousClock.now + timeout
    settleEverything(patience: min(timeout / 2, .seconds(5)))
    forgetAdditions()
    if let fatal { throw fatal }
    guard phase == .open || phase == .committing, let name = transactionName else { return }
    needsEpoch = true
    if hasBegun {
      do {
        _ = try ask(
          "aborting", EndTransaction(name, commits: false), .coordinator(.transaction, name.id), until: end
        ) { judge($0.error, "aborting") }
      } catch {
        guard error.isFenced else { throw error }
        // The coordinator may have ended it itself, because it took too long; only another owner keeps us from raising the epoch.
        fatal = nil
        try obtainIdentity(current: identity, until: end)
      }
    }
    isCommitUnknown = false
    phase = .idle
  }

  private func settleEverything(patience: Duration) {
    let end = ContinuousClock.now + patience
    purge()
    while outstanding > 0, ContinuousClock.now < end {
      turn(until: end)
      purge()
    }
    guard outstanding > 0 else { return }
    let owing = works.values.compactMap { work in
      if case .produce(let request) = work { ObjectIdentifier(request.connection) } else { nil }
    }
    network.end(KafkaError(.purgedInFlight, "the transaction is aborted", isRetriable: true)) {
      owing.contains(ObjectIdentifier($0))
    }
    turn(until: .now)
    purge()
  }

  /// Gives up everything that is not in flight, and sends nothing more.
  private func purge() {
    failure = failure ?? KafkaError(.purgedFromQueue, "the transaction is aborted", txnRequiresAbort: true)
    for target in active {
      for batch in queues[target].drop() { count(batch, -1) }
      if queues[target].isIdle { active.remove(target) }
    }
  }
}

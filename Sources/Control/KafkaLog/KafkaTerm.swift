import ControlPlane
import ControlTopics
import Kafka
import Logging
import Threads

/// One ownership, on one producer handle: whatever goes wrong ends it, and the next one begins with a new handle.
final class KafkaTerm: OwnerTerm {
  let committed: CommandsPosition?
  let maxMessageBytes =
    [ControlTopic.specs, .status, .events].map { ControlTopicDefinition.of($0).maxMessageBytes }
    .min() ?? 1_000_000
  private let settings: KafkaLogSettings
  private let assignment: Int
  private let membership: Membership
  private let admin: Admin
  private let producer: TransactionalProducer
  private let logger: Logger
  private let commands: CommandFeed
  private let watch: BlockedWatch
  private let expected = Locked(ExpectedOffsets())
  /// Why the term is over; nil while it isn't.
  private let end = Locked<String?>(nil)

  init(
    settings: KafkaLogSettings, assignment: Int, membership: Membership, admin: Admin, producer: TransactionalProducer,
    committed: CommandsPosition?, logger: Logger
  ) {
    self.settings = settings
    self.assignment = assignment
    self.membership = membership
    self.admin = admin
    self.producer = producer
    self.committed = committed
    self.logger = logger
    commands = CommandFeed(settings)
    watch = BlockedWatch(settings, admin)
  }

  /// An open transaction is left to the next `initTransactions`, which aborts it.
  func close() async {
    end.withLock { $0 = $0 ?? "closed" }
    watch.close()
    await commands.close()
    try? await producer.onThread { $0.close() }
  }

  private func requireHeld() throws(TermEnded) {
    if let reason = end.withLock({ $0 }) { throw TermEnded(reason) }
    if !membership.holds(assignment) { throw TermEnded("the partition is no longer ours") }
  }

  /// Calls a broker; what goes wrong ends the term, unless somebody has to mend it first.
  private func calling<Result: Sendable>(
    _ what: String, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try requireHeld()
    do { return try await NamedThread.run("thaw-owner", body) } catch let error as KafkaError {
      let reason = "\(what): \(error)"
      if error.needsSomebody { throw ControlLogFailure(reason) }
      end.withLock { $0 = $0 ?? reason }
      throw TermEnded(reason)
    }
  }

  // MARK: reading

  func extent(of topic: ControlTopic) async throws -> TopicExtent {
    let (admin, settings) = (admin, settings)
    return try await calling("the ends of \(settings.name(topic))") {
      let found = try admin.watermarks(
        of: settings.partition(topic), isolation: .readUncommitted, timeout: settings.requestTimeout)
      return TopicExtent(first: found.low, end: found.high)
    }
  }

  func replay(
    _ topic: ControlTopic, from offset: Int64?, _ body: @escaping @Sendable ([ControlRecord]) throws -> Void
  ) async throws -> Int64 {
    let isCancelled = Locked(false)
    let (naming, logger) = (settings.naming, logger)
    let replay = TopicReplay(
      settings: settings, admin: admin, topic: topic, headers: .owners,
      mayGoOn: { [self] _ in
        if isCancelled.withLock({ $0 }) { throw CancellationError() }
        try requireHeld()
      },
      whenBlocked: {
        logger.warning("a topic is blocked; nothing is decided until it can be read", ["reason": $0.remedy(in: naming)])
      })
    return try await withTaskCancellationHandler {
      try await calling("reading \(naming.name(of: topic))") { try replay.run(from: offset, body) }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
  }

  func startCommands(at offset: Int64) async throws {
    let commands = commands
    try await calling("reading commands from \(offset)") { try commands.start(at: offset) }
  }

  func nextCommands(max: Int) async throws -> [ControlRecord] {
    try requireHeld()
    let records = try await commands.next(max: max)
    try requireHeld()
    return records
  }

  func wake() { commands.wake() }

  /// The decisions don't wait for it: a leader that is gone holds the look up until there is another.
  var blocked: BlockedPartition? {
    get async { await watch.look() }
  }

  // MARK: writing

  func commit(
    _ records: [OutgoingControlRecord], position: Int64,
    metadata: @escaping @Sendable (_ written: [ControlTopic: Int64]) -> String
  ) async throws -> [ControlTopic: Int64] {
    let (settings, expected) = (settings, expected)
    let written = try await transact { producer, identity, timeout in
      let decision = DecisionTransaction(
        producer: producer, identity: identity, settings: settings, timeout: timeout, position: position,
        metadata: metadata)
      return try decision.write(records, expecting: expected.withLock { $0.offsets(of: records) })
    }
    expected.withLock { $0.committed(written) }
    return written
  }

  /// A transaction that holds nothing but the position of a partition that means nothing.
  func prove() async throws {
    let throwaway = settings.partition(.specs)
    try await transact { producer, identity, timeout in
      try producer.sendOffsets([throwaway: Kafka.CommittedPosition(offset: 0)], group: identity, timeout: timeout)
    }
  }

  private typealias Transaction<Result> =
    @Sendable (
      _ producer: TransactionalProducer, _ identity: ConsumerGroupMetadata, _ timeout: Duration
    ) throws -> Result

  private func transact<Result: Sendable>(_ body: @escaping Transaction<Result>) async throws -> Result {
    let timeout = settings.requestTimeout + settings.transactionTimeout
    while true {
      try requireHeld()
      guard let identity = try membership.assignment()?.metadata else {
        throw TermEnded("the partition is no longer ours")
      }
      do {
        return try await producer.onThread { producer in
          try producer.begin()
          let result = try body(producer, identity, timeout)
          try producer.commit(timeout: timeout)
          return result
        }
      } catch let error as KafkaError {
        guard try await isRenewed(after: error, identity) else { throw await ended(by: error, identity) }
        logger.info("a rebalance left us the partition; the transaction is made again", ["reason": error])
      }
    }
  }

  /// A rebalance that leaves us the partition, such as one of a standby that joins, makes our generation an old one; until we have heard of the new
  /// one, positions are refused. When the abort succeeds, we still have the epoch and nothing of the transaction has happened: it may be
  /// made again, in the new generation.
  private func isRenewed(after error: KafkaError, _ refused: ConsumerGroupMetadata) async throws -> Bool {
    guard error.code == .illegalGeneration, error.disposition == .abortable else { return false }
    do { try await producer.onThread { try $0.abort(timeout: .seconds(5)) } } catch { return false }
    return await membership.isRenewed(after: refused, as: assignment, within: settings.requestTimeout)
  }

  /// Whether a commit that failed happened after all is found out by the next term's fold; this handle is never used again.
  private func ended(by error: KafkaError, _ identity: ConsumerGroupMetadata) async -> any Error {
    let reason = "a transaction failed: \(error)"
    end.withLock { $0 = $0 ?? reason }
    if error.meansOutOfGroup { membership.void(identity) }
    if error.disposition == .abortable {
      do { try await producer.onThread { try $0.abort(timeout: .seconds(5)) } } catch {
        logger.debug("the abort is left to the next term", ["reason": "\(error)"])
      }
    }
    return error.needsSomebody ? ControlLogFailure(reason) : TermEnded(reason)
  }
}

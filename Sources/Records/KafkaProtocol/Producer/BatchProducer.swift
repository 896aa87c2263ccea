package import Kafka

/// The producer of a lane that sends stored batches on without opening them, out of memory that the caller owns: what `LaneProducer` is for records.
///
/// One thread makes every call; nothing happens between them, so call `poll` often enough. Payloads are not copied: a slot's memory may change again
/// once `outstanding(inSlot:)` is 0, or after `close`. With a transactional id it is a transactional producer, without an idempotent one.
///
/// Errors say the way on by their `disposition`, in the vocabulary of `TransactionalClient`: `retriable` (make the same call again; a commit that timed out
/// may have happened, and says so), `abortable` (`abort`, then `begin`), `fenced` and `fatal` (close this producer, start from a new one).
package final class BatchProducer: BlockingClient, @unchecked Sendable {
  package enum Admission: Sendable {
    case queued
    /// Nothing was taken: poll, then offer the same batch again.
    case full
  }

  package struct Acknowledged: Sendable, Equatable {
    package internal(set) var count = 0
    package internal(set) var firstOffset: Int64?
    package internal(set) var lastOffset: Int64?
    /// Records whose acknowledgement didn't say an offset (a batch sent twice): with any, the range may be narrower than what was written.
    package internal(set) var withoutOffset = 0
  }

  enum Phase: Equatable {
    /// `initTransactions` comes first.
    case unowned
    case idle
    case open
    /// A commit was begun, and nothing else may be.
    case committing
  }

  enum Work {
    case call(any PendingCall, Connection)
    case produce(ProduceInFlight)
  }

  let settings: ClientSettings
  let network: Network
  let transactionalID: String?
  let transactionTimeout: Duration
  var identity: ProducerIdentity?
  var phase: Phase
  /// The coordinator may know of the transaction.
  var hasBegun = false
  /// A request under the present epoch may still be on its way somewhere, or a sequence has a gap: the next transaction needs another one.
  var needsEpoch = false
  /// A request may have been carried out although no answer came; see `commit`.
  var isOutcomeUnknown = false
  /// A commit was asked for and not answered.
  var isCommitUnknown = false
  /// Why a coordinator isn't found, and why batches are sent again: for the message of who gives up.
  var lastSearchError: KafkaError?
  var lastDeliveryError: KafkaError?
  /// The first that went wrong since `begin`.
  var failure: KafkaError?
  /// Somebody else has the transactional id, or something else that no new transaction mends.
  var fatal: KafkaError?

  /// One for each codec that was refused, in the order of the answers: for good, a new transaction doesn't change a broker.
  package internal(set) var refusals: [CodecRefusal] = []

  var queues: [TargetQueue] = []
  private var numbers: [TopicPartition: Int] = [:]
  /// Queues that are not idle.
  var active: Set<Int> = []
  /// Those of them that have something to send, by their leaders (−1: none is known), in the order in which they will have their turn. So a turn costs what
  /// it sends, however many are waiting.
  var listed: [Int32: [Int]] = [:]
  /// Leaders have changed.
  var isListingStale = false
  var nextAgeCheck = ContinuousClock.now
  private var slots: [Int]
  private(set) var outstanding = 0
  private var queuedBytes = 0
  private let maxQueuedBytes: Int

  var works: [Int: Work] = [:]
  var nextTag = 0
  var calls: [any PendingCall] = []
  var leaders: [TopicPartition: Int32] = [:]
  var metadata = MetadataInterest()
  var coordinators: [Destination: Int32] = [:]
  var searches: [Destination: (call: Call<FindCoordinator>, notBefore: ContinuousClock.Instant)] = [:]
  var lastSought: [Destination: ContinuousClock.Instant] = [:]
  var additions = Additions()
  var identityCall: Call<InitProducerID>?
  /// When the next turn has something to do though nothing happens.
  var wake = ContinuousClock.now

  /// - Parameters:
  ///   - transactionTimeout: after it the coordinator ends a transaction; at most the brokers' `transaction.max.timeout.ms`.
  ///   - slots: how many slots there are, at most 65,536.
  ///   - maxQueuedBytes: when so many bytes wait or are in flight, `produce` says `.full`.
  package init(
    _ configuration: KafkaConfiguration, transactionalID: String?, transactionTimeout: Duration = .seconds(60),
    slots: Int, maxQueuedBytes: Int = 256 << 20
  ) throws(KafkaError) {
    guard (1...65_536).contains(slots) else { throw KafkaError(.invalidArgument, "\(slots) slots; 1 to 65,536 go") }
    settings = try ClientSettings(configuration)
    network = Network(settings)
    self.transactionalID = transactionalID
    self.transactionTimeout = transactionTimeout
    self.slots = Array(repeating: 0, count: slots)
    self.maxQueuedBytes = maxQueuedBytes
    phase = transactionalID == nil ? .open : .unowned
  }

  deinit { close() }

  var isTransactional: Bool { transactionalID != nil }

  /// The number under which `produce` and `takeAcknowledged` know a partition: the same whenever it is asked for.
  package func target(_ partition: TopicPartition) -> Int {
    if let number = numbers[partition] { return number }
    queues.append(TargetQueue(partition))
    queues[queues.count - 1].leader = leaders[partition]
    numbers[partition] = queues.count - 1
    metadata.add(partition.topic)
    return queues.count - 1
  }

  /// Offers a batch whose payload lies in slot `slot`: one that `BatchSigner.obstacle` finds nothing against. The header is copied.
  /// - Parameter verifying: the checksum is checked on the way, and a damaged batch is `.invalidArgument`, by `poll`; else the caller has checked it.
  package func produce(
    to target: Int, slot: Int, header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, verifying: Bool = false
  ) throws(KafkaError) -> Admission {
    if let failure = fatal ?? failure { throw failure }
    guard phase == .open else { throw KafkaError(.state, "a batch was sent outside of a transaction") }
    guard queues.indices.contains(target), slots.indices.contains(slot) else {
      throw KafkaError(.invalidArgument, "there is no target \(target), or no slot \(slot)")
    }
    if let obstacle = BatchSigner.obstacle(header: header, payloadSize: payload.count) {
      throw KafkaError(.invalidArgument, "a batch for \(queues[target].partition) can't go on as it is: \(obstacle)")
    }
    guard outstanding == 0 || queuedBytes + payload.count <= maxQueuedBytes else { return .full }
    let batch = OutgoingBatch(slot: slot, header: header, payload: payload, verifies: verifying)
    queues[target].append(batch)
    active.insert(target)
    count(batch, 1)
    list(target)
    return .queued
  }

  /// - Parameter sign: 1 when it begins to be on its way, −1 when it ends.
  func count(_ batch: OutgoingBatch, _ sign: Int) {
    slots[batch.slot] += sign * Int(batch.recordCount)
    outstanding += sign * Int(batch.recordCount)
    queuedBytes += sign * batch.payload.count
  }

  /// Records of this slot that are on their way.
  package func outstanding(inSlot slot: Int) -> Int { slots[slot] }

  /// Some batch waits for its turn.
  package var hasWaiting: Bool { active.contains { !queues[$0].waiting.isEmpty } }

  /// What a target's partition has acknowledged since the last time this was asked.
  package func takeAcknowledged(_ target: Int) -> Acknowledged {
    defer { queues[target].acknowledged = Acknowledged() }
    return queues[target].acknowledged
  }

  /// Sends, and serves answers, waiting up to `timeout` for the first acknowledgement. Throws the first failure since `begin`.
  package func poll(timeout: Duration = .zero) throws(KafkaError) {
    let end = ContinuousClock.now + timeout
    let before = outstanding
    repeat {
      turn(until: end)
      if let failure = fatal ?? failure { throw failure }
    } while outstanding == before && outstanding > 0 && ContinuousClock.now < end
  }

  /// Waits until everything produced is acknowledged. Throws a failed delivery, or a retriable time-out.
  package func drain(timeout: Duration) throws(KafkaError) {
    let end = ContinuousClock.now + timeout
    if let failure = fatal ?? failure { throw failure }
    while outstanding > 0 {
      turn(until: end)
      if let failure = fatal ?? failure { throw failure }
      guard outstanding == 0 || ContinuousClock.now < end else {
        throw timedOut(
          "\(outstanding) records are not acknowledged after \(timeout)", lastDeliveryError ?? network.lastError)
      }
    }
  }

  func timedOut(_ what: String, _ last: KafkaError?) -> KafkaError {
    KafkaError(.timedOut, what + (last.map { "; \($0.message)" } ?? ""), isRetriable: true)
  }

  /// The first failure stays until the next `begin`; a fatal one for ever.
  func fail(_ error: KafkaError) {
    failure = failure ?? error
    needsEpoch = true
    if error.isFatal || error.isFenced { fatal = fatal ?? error }
  }

  /// Ends at once. An open transaction stays open until its time-out or the next owner.
  package func close() {
    network.close()
    for queue in queues { for batch in queue.drop() + queue.inFlight { count(batch, -1) } }
    queues = []
    numbers = [:]
    active = []
    listed = [:]
    works = [:]
    fatal = fatal ?? KafkaError(.destroyed, "the producer was closed", isFatal: true)
  }
}

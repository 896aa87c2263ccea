import Kafka

/// A batch on its way, in memory of the caller's.
final class OutgoingBatch {
  let slot: Int
  let recordCount: Int32
  let payload: UnsafeRawBufferPointer
  /// Nobody has looked at its checksum yet.
  let verifies: Bool
  let queued = ContinuousClock.now
  /// As stored until it is signed.
  var header: [UInt8]
  /// Where it stands among the partition's batches; set when it is signed, and kept however often it is sent.
  var number: Int?
  var attempts = 0

  init(slot: Int, header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, verifies: Bool) {
    self.slot = slot
    self.header = Array(header.prefix(BatchSigner.headerSize))
    self.payload = payload
    self.verifies = verifies
    recordCount = BatchSigner.recordCount(header: header)
  }

  var size: Int { header.count + payload.count }
}

/// The batches of one partition. They are sent, and sent again, in the order in which they came: after a failure nothing is sent until
/// every answer is there, and then the failed ones come first, under their old sequence numbers.
final class TargetQueue {
  let partition: TopicPartition
  private(set) var waiting = Fifo<OutgoingBatch>()
  private(set) var inFlight: [OutgoingBatch] = []
  private(set) var failed: [OutgoingBatch] = []
  /// The broker that has those in flight.
  private(set) var node: Int32?
  var notBefore: ContinuousClock.Instant?
  /// As known from metadata.
  var leader: Int32?
  /// Among those that have something to send.
  var isListed = false
  /// Its being part of the transaction is on its way to the coordinator, or there already.
  var isAnnounced = false
  /// Part of the transaction, as its coordinator knows.
  var isInTransaction = false
  /// The partition's leader has taken a batch of this transaction: until then it may still be asking the coordinator about the first, and would
  /// refuse a second.
  var isAccepted = false
  var acknowledged = BatchProducer.Acknowledged()

  private var sequence = SequenceNumber()
  private var nextNumber = 0

  init(_ partition: TopicPartition) { self.partition = partition }

  var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty && failed.isEmpty }

  /// What brokers keep of a producer to tell a repeated batch (`ProducerStateEntry.NUM_BATCHES_TO_RETAIN`).
  private static let window = 5

  func append(_ batch: OutgoingBatch) { waiting.append(batch) }

  /// Whether the next batch may go to its leader, once `notBefore` is over. If not, only an answer or another batch makes it so.
  var isReady: Bool {
    guard !waiting.isEmpty, failed.isEmpty, inFlight.count < Self.window else { return false }
    return inFlight.isEmpty || (isAccepted && node == leader)
  }

  /// The next batch, signed, in flight from now on.
  func take(for leader: Int32, _ signer: BatchSigner) throws(BatchSigner.Obstacle) -> OutgoingBatch? {
    guard let batch = waiting.first else { return nil }
    if batch.number == nil {
      batch.header = try signed(batch, signer)
      batch.number = nextNumber
      nextNumber += 1
      sequence.advance(by: batch.recordCount)
    }
    _ = waiting.popFirst()
    inFlight.append(batch)
    batch.attempts += 1
    node = leader
    return batch
  }

  private func signed(_ batch: OutgoingBatch, _ signer: BatchSigner) throws(BatchSigner.Obstacle) -> [UInt8] {
    // Typed throws do not pass through the closure of `withUnsafeBytes`.
    let result = batch.header.withUnsafeBytes { header in
      Result { () throws(BatchSigner.Obstacle) in
        batch.verifies
          ? try signer.verifyAndSign(header: header, payload: batch.payload, sequence: sequence)
          : try signer.sign(header: header, payloadSize: batch.payload.count, sequence: sequence)
      }
    }
    return try result.get()
  }

  /// No batch before it is without its answer, or was refused.
  func isOldest(_ batch: OutgoingBatch) -> Bool {
    inFlight.first === batch && failed.allSatisfy { ($0.number ?? 0) > (batch.number ?? 0) }
  }

  /// False when it is not in flight (any more).
  func settle(_ batch: OutgoingBatch) -> Bool {
    guard let place = inFlight.firstIndex(where: { $0 === batch }) else { return false }
    inFlight.remove(at: place)
    return true
  }

  func fail(_ batch: OutgoingBatch) { failed.append(batch) }

  /// When every answer is there, what failed is first to be sent again.
  func requeue() {
    guard inFlight.isEmpty, !failed.isEmpty else { return }
    waiting.prepend(failed.sorted { ($0.number ?? 0) < ($1.number ?? 0) })
    failed = []
  }

  /// Gives up what is not in flight; returns it.
  func drop() -> [OutgoingBatch] {
    defer {
      waiting.removeAll()
      failed = []
    }
    return failed + waiting.all
  }

  func beginTransaction() {
    isInTransaction = false
    isAnnounced = false
    isListed = false
    isAccepted = false
    notBefore = nil
  }

  /// With another epoch the numbers begin anew.
  func resetSequence() { sequence = SequenceNumber() }
}

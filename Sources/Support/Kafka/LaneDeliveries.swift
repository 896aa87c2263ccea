import CLibrdkafka

/// The counts behind a `LaneProducer`, kept by its one thread: the report callback runs within that thread's calls.
final class LaneDeliveries: ClientContext, @unchecked Sendable {
  private struct Target {
    var acknowledged = LaneProducer.Acknowledged()
    var outstanding = 0
  }

  private let slots: UnsafeMutableBufferPointer<Int>
  private let batchSize: Int
  private(set) var outstanding = 0
  private var outstandingBytes = 0
  private var targets: [Target] = []
  /// Targets that have records on their way.
  private var activeTargets = 0
  var failure: KafkaError?
  var isPurging = false

  init(_ configuration: KafkaConfiguration, slots: Int, batchSize: Int) {
    self.slots = .allocate(capacity: slots)
    self.slots.initialize(repeating: 0)
    self.batchSize = batchSize
    super.init(configuration)
  }

  deinit { slots.deallocate() }

  func addTarget() { targets.append(Target()) }

  /// To one target four batches may be on their way, two more to every other. More would gain nothing: an idempotent producer has five in flight at most,
  /// while another one is due librdkafka's broker thread spins (2.0.2), and what waits is best still in the processor's caches when its turn comes. There
  /// is always room for a target's first record, so that no target waits for another's batch to fill.
  func hasRoom(forTarget target: Int) -> Bool {
    outstandingBytes < (2 + 2 * activeTargets) * batchSize || targets[target].outstanding == 0
  }

  func queued(slot: Int, target: Int, bytes: Int) {
    slots[slot] += 1
    outstanding += 1
    outstandingBytes += bytes
    if targets[target].outstanding == 0 { activeTargets += 1 }
    targets[target].outstanding += 1
  }

  func outstanding(inSlot slot: Int) -> Int { slots[slot] }

  func takeAcknowledged(_ target: Int) -> LaneProducer.Acknowledged {
    defer { targets[target].acknowledged = LaneProducer.Acknowledged() }
    return targets[target].acknowledged
  }

  func report(_ message: UnsafePointer<rd_kafka_message_t>) {
    let opaque = UInt(bitPattern: message.pointee._private)
    let target = Int(opaque >> 16)
    outstanding -= 1
    outstandingBytes = outstanding == 0 ? 0 : outstandingBytes - message.pointee.len - message.pointee.key_len
    slots[Int(opaque & 0xffff)] -= 1
    targets[target].outstanding -= 1
    if targets[target].outstanding == 0 { activeTargets -= 1 }
    guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return failed(message.pointee) }
    acknowledge(target, message.pointee.offset)
  }

  private func acknowledge(_ target: Int, _ offset: Int64) {
    targets.withUnsafeMutableBufferPointer { targets in
      targets[target].acknowledged.count += 1
      guard offset >= 0 else {
        targets[target].acknowledged.withoutOffset += 1
        return
      }
      let (first, last) = (targets[target].acknowledged.firstOffset, targets[target].acknowledged.lastOffset)
      targets[target].acknowledged.firstOffset = min(first ?? offset, offset)
      targets[target].acknowledged.lastOffset = max(last ?? offset, offset)
    }
  }

  private func failed(_ message: rd_kafka_message_t) {
    if isPurging { return }
    guard failure == nil else { return }
    do { _ = try position(of: message) } catch { failure = error }
  }
}

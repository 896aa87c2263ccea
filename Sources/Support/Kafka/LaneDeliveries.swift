import CLibrdkafka

/// The counts behind a `LaneProducer`, kept by its one thread: the report callback runs within that thread's calls.
final class LaneDeliveries: ClientContext, @unchecked Sendable {
  private let slots: UnsafeMutableBufferPointer<Int>
  private(set) var outstanding = 0
  var acknowledged: [LaneProducer.Acknowledged] = []
  var failure: KafkaError?
  var isPurging = false

  init(_ configuration: KafkaConfiguration, slots: Int) {
    self.slots = .allocate(capacity: slots)
    self.slots.initialize(repeating: 0)
    super.init(configuration)
  }

  deinit { slots.deallocate() }

  func queued(slot: Int) {
    slots[slot] += 1
    outstanding += 1
  }

  func outstanding(inSlot slot: Int) -> Int { slots[slot] }

  func report(_ message: UnsafePointer<rd_kafka_message_t>) {
    let opaque = UInt(bitPattern: message.pointee._private)
    outstanding -= 1
    slots[Int(opaque & 0xffff)] -= 1
    guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return failed(message.pointee) }
    acknowledge(Int(opaque >> 16), message.pointee.offset)
  }

  private func acknowledge(_ target: Int, _ offset: Int64) {
    acknowledged.withUnsafeMutableBufferPointer { targets in
      targets[target].count += 1
      guard offset >= 0 else {
        targets[target].withoutOffset += 1
        return
      }
      targets[target].firstOffset = min(targets[target].firstOffset ?? offset, offset)
      targets[target].lastOffset = max(targets[target].lastOffset ?? offset, offset)
    }
  }

  private func failed(_ message: rd_kafka_message_t) {
    if isPurging { return }
    guard failure == nil else { return }
    do { _ = try position(of: message) } catch { failure = error }
  }
}

import CLibrdkafka

/// The arguments of `rd_kafka_produceva`, laid out once: a produce call writes only what differs from record to record.
final class LaneFields {
  let pointer: UnsafeMutablePointer<rd_kafka_vu_t>

  private enum At {
    static let topic = 0
    static let partition = 1
    static let value = 2
    static let key = 3
    static let timestamp = 4
    static let opaque = 5
    static let flags = 6
    static let headers = 7
    static let count = 8
  }

  init() {
    pointer = .allocate(capacity: At.count)
    pointer.initialize(repeating: rd_kafka_vu_t(), count: At.count)
    let types = [
      RD_KAFKA_VTYPE_RKT, RD_KAFKA_VTYPE_PARTITION, RD_KAFKA_VTYPE_VALUE, RD_KAFKA_VTYPE_KEY,
      RD_KAFKA_VTYPE_TIMESTAMP, RD_KAFKA_VTYPE_OPAQUE, RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_VTYPE_HEADERS,
    ]
    for (index, type) in types.enumerated() { pointer[index].vtype = type }
    pointer[At.flags].u.i = 0  // neither copy nor free: the value stays the caller's
  }

  deinit { pointer.deallocate() }

  func count(withHeaders: Bool) -> Int { withHeaders ? At.count : At.headers }

  func set(
    topic: OpaquePointer, partition: Int32, timestamp: Int64, key: UnsafeRawBufferPointer?,
    value: UnsafeRawBufferPointer?
  ) {
    pointer[At.topic].u.rkt = topic
    pointer[At.partition].u.i32 = partition
    pointer[At.timestamp].u.i64 = timestamp
    set(At.key, key)
    set(At.value, value)
  }

  func set(opaque: UInt, headers: OpaquePointer?) {
    pointer[At.opaque].u.ptr = UnsafeMutableRawPointer(bitPattern: opaque)
    pointer[At.headers].u.headers = headers
  }

  private func set(_ index: Int, _ bytes: UnsafeRawBufferPointer?) {
    guard let bytes else {
      pointer[index].u.mem.ptr = nil
      pointer[index].u.mem.size = 0
      return
    }
    pointer[index].u.mem.ptr = UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? EmptyBytes.pointer
    pointer[index].u.mem.size = bytes.count
  }
}

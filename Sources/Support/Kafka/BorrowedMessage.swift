import CLibrdkafka

/// A consumed record as librdkafka holds it: every pointer is valid only within the closure that it was lent to.
package struct BorrowedMessage {
  let message: UnsafeMutablePointer<rd_kafka_message_t>

  package var offset: Int64 { message.pointee.offset }
  package var partition: Int32 { message.pointee.partition }
  package var topic: String { message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "" }

  package var key: UnsafeRawBufferPointer? {
    message.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len) }
  }

  package var value: UnsafeRawBufferPointer? {
    message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) }
  }

  /// Milliseconds since 1970 (-1: none), and whose clock it was.
  package var timestamp: (milliseconds: Int64, type: TimestampType) {
    var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    let timestamp = rd_kafka_message_timestamp(message, &type)
    switch type {
    case RD_KAFKA_TIMESTAMP_CREATE_TIME: return (timestamp, .createTime)
    case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME: return (timestamp, .logAppendTime)
    default: return (timestamp, .notAvailable)
    }
  }

  /// Headers in their order. Throws when the record's headers can't be read.
  package func forEachHeader(
    _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) throws -> Void
  ) throws {
    var headers: OpaquePointer?
    let code = rd_kafka_message_headers(message, &headers)
    if code == RD_KAFKA_RESP_ERR__NOENT { return }
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw KafkaError(code, "the headers of \(topic)-\(partition) at \(offset) can't be read")
    }
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var (size, index) = (0, 0)
    while rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
      let length = name.map(Self.length) ?? 0
      try body(
        UnsafeRawBufferPointer(start: name, count: length), value.map { UnsafeRawBufferPointer(start: $0, count: size) }
      )
      index += 1
    }
  }

  private static func length(_ text: UnsafePointer<CChar>) -> Int {
    var length = 0
    while text[length] != 0 { length += 1 }
    return length
  }

  func copied(topic: String) throws -> ConsumedRecord {
    let (timestamp, type) = timestamp
    var headers: [KafkaHeader] = []
    try forEachHeader { name, value in
      headers.append(KafkaHeader(String(decoding: name, as: UTF8.self), value.map(Array.init)))
    }
    return ConsumedRecord(
      topic: topic, partition: partition, offset: offset, timestamp: timestamp, timestampType: type,
      key: key.map(Array.init), value: value.map(Array.init), headers: headers)
  }
}

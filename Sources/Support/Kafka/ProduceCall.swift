import CLibrdkafka

/// What an empty but present key or value points at: with a nil pointer librdkafka would make it null.
enum EmptyBytes {
  nonisolated(unsafe) static let pointer = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)

  static var name: UnsafePointer<CChar> { UnsafePointer(pointer.assumingMemoryBound(to: CChar.self)) }
}

extension ClientHandle {
  /// Copies `record` into the producer's queue. `opaque` comes back with the delivery report.
  func produce(_ record: OutgoingRecord, opaque: UInt) throws(KafkaError) {
    guard record.timestamp != 0 else {
      throw KafkaError(.invalidArgument, "librdkafka can't carry the timestamp 0 of a record for \(record.topic)")
    }
    let headers = try makeHeaders(record.headers)
    do {
      try call { client in
        topics.meet(record.topic, through: client)
        return Self.produce(record, headers, opaque: opaque, through: client)
      }
    } catch {
      if let headers { rd_kafka_headers_destroy(headers) }  // still ours after a failed call
      throw error
    }
  }

  private static func produce(
    _ record: OutgoingRecord, _ headers: OpaquePointer?, opaque: UInt, through client: OpaquePointer
  ) -> OpaquePointer? {
    record.topic.withCString { topic in
      withBytes(record.key) { key in
        withBytes(record.value) { value in
          var fields: [rd_kafka_vu_t] = [
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_TOPIC, u: .init(cstr: topic)),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_PARTITION, u: .init(i32: record.partition ?? RD_KAFKA_PARTITION_UA)),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_MSGFLAGS, u: .init(i: RD_KAFKA_MSG_F_COPY)),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_KEY, u: .init(mem: .init(ptr: key.0, size: key.1))),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_VALUE, u: .init(mem: .init(ptr: value.0, size: value.1))),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_OPAQUE, u: .init(ptr: UnsafeMutableRawPointer(bitPattern: opaque))),
          ]
          if let timestamp = record.timestamp {
            fields.append(rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_TIMESTAMP, u: .init(i64: timestamp)))
          }
          if let headers { fields.append(rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_HEADERS, u: .init(headers: headers))) }
          return rd_kafka_produceva(client, fields, fields.count)
        }
      }
    }
  }

  private func makeHeaders(_ headers: [KafkaHeader]) throws(KafkaError) -> OpaquePointer? {
    guard !headers.isEmpty else { return nil }
    guard let list = rd_kafka_headers_new(headers.count) else { throw KafkaError(.failed, "out of memory") }
    for header in headers {
      var name = header.name
      let result = name.withUTF8 { name in
        Self.withBytes(header.value) { value in
          name.withMemoryRebound(to: CChar.self) { name in
            rd_kafka_header_add(list, name.baseAddress, name.count, value.0, value.1)
          }
        }
      }
      guard result == RD_KAFKA_RESP_ERR_NO_ERROR else {
        rd_kafka_headers_destroy(list)
        throw error(result)
      }
    }
    return list
  }

  /// Pointer and size as librdkafka tells null (nil) from empty (anything else, size 0).
  private static func withBytes<Result>(
    _ bytes: [UInt8]?, _ body: ((UnsafeMutableRawPointer?, Int)) -> Result
  ) -> Result {
    guard let bytes else { return body((nil, 0)) }
    guard !bytes.isEmpty else { return body((EmptyBytes.pointer, 0)) }
    return bytes.withUnsafeBytes { body((UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)) }
  }
}

import CLibrdkafka

/// A reply to an admin request, destroyed with it.
struct AdminReply: ~Copyable {
  let event: OpaquePointer

  deinit { rd_kafka_event_destroy(event) }
}

/// The objects of a request as the array of pointers that librdkafka takes; destroyed with it.
struct AdminObjects: ~Copyable {
  let pointers: UnsafeMutablePointer<OpaquePointer?>
  let count: Int
  private let destroy: (OpaquePointer) -> Void

  init(_ objects: [OpaquePointer], destroy: @escaping (OpaquePointer) -> Void) {
    count = objects.count
    pointers = .allocate(capacity: max(1, count))
    for (index, object) in objects.enumerated() { (pointers + index).initialize(to: object) }
    self.destroy = destroy
  }

  deinit {
    for index in 0..<count { if let object = pointers[index] { destroy(object) } }
    pointers.deallocate()
  }
}

extension Admin {
  /// Submits a request through `other`, or the handle for everything, and waits for its reply.
  func request(
    _ operation: rd_kafka_admin_op_t, through other: ClientHandle? = nil, timeout: Duration,
    options configure: (_ options: OpaquePointer, _ complaint: inout [CChar]) -> rd_kafka_resp_err_t = { _, _ in
      RD_KAFKA_RESP_ERR_NO_ERROR
    },
    _ submit: (_ client: OpaquePointer, _ options: OpaquePointer, _ queue: OpaquePointer) -> Void
  ) throws(KafkaError) -> AdminReply {
    let client = other ?? client
    return try client.use { handle throws(KafkaError) in
      guard let queue = rd_kafka_queue_new(handle) else { throw KafkaError(.failed, "out of memory") }
      defer { rd_kafka_queue_destroy(queue) }
      guard let options = rd_kafka_AdminOptions_new(handle, operation) else {
        throw KafkaError(.failed, "out of memory")
      }
      defer { rd_kafka_AdminOptions_destroy(options) }
      var text = [CChar](repeating: 0, count: 256)
      // librdkafka takes at least 1 ms and at most an hour here.
      let milliseconds = min(max(timeout.milliseconds, 1), 3_600_000)
      let code = rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, &text, text.count)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, string(text)) }
      let configured = configure(options, &text)
      guard configured == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(configured, string(text)) }
      submit(handle, options, queue)
      // The request times out by itself; the grace is for its reply to get here.
      guard let event = rd_kafka_queue_poll(queue, milliseconds + 5000) else {
        throw client.error(RD_KAFKA_RESP_ERR__TIMED_OUT)
      }
      let reply = AdminReply(event: event)
      let result = rd_kafka_event_error(event)
      guard result == RD_KAFKA_RESP_ERR_NO_ERROR else {
        throw client.error(result, rd_kafka_event_error_string(event).map { String(cString: $0) })
      }
      return reply
    }
  }
}

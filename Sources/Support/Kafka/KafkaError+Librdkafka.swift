import CLibrdkafka

extension KafkaError {
  init(_ code: rd_kafka_resp_err_t, _ message: String? = nil) {
    let code = Code(code)
    self.init(code, message ?? code.sentence)
  }

  /// Takes over `error` and destroys it.
  init(consuming error: OpaquePointer) {
    defer { rd_kafka_error_destroy(error) }
    self.init(
      Code(rd_kafka_error_code(error)), String(cString: rd_kafka_error_string(error)),
      isFatal: rd_kafka_error_is_fatal(error) != 0,
      isRetriable: rd_kafka_error_is_retriable(error) != 0,
      txnRequiresAbort: rd_kafka_error_txn_requires_abort(error) != 0)
  }
}

import CLibrdkafka
import Threads

/// The owner of one `rd_kafka_t`.
///
/// `close` destroys it on the calling thread, which blocks until librdkafka's threads have ended. A handle that is dropped
/// unclosed is destroyed on a thread made for that, since nobody knows where a `deinit` runs; the context outlives it.
final class ClientHandle: @unchecked Sendable {
  enum Kind {
    case producer
    case consumer
  }

  let context: ClientContext
  let topics = MetTopics()
  private let gate = UseGate()
  /// Dangles after `close`: used within `use`, or by a client whose one thread also closes it.
  let pointer: OpaquePointer

  /// - Parameter install: sets further callbacks on the `rd_kafka_conf_t`.
  init(_ kind: Kind, context: ClientContext, install: (OpaquePointer) -> Void = { _ in }) throws(KafkaError) {
    self.context = context
    let configuration = context.configuration
    let conf = try configuration.makeConf()
    rd_kafka_conf_set_opaque(conf, Unmanaged.passUnretained(context).toOpaque())
    rd_kafka_conf_set_log_cb(conf) { client, level, facility, text in
      guard let client, let facility, let text else { return }
      ClientContext.from(rd_kafka_opaque(client))?
        .logged(level: level, facility: String(cString: facility), message: String(cString: text))
    }
    // Without a callback librdkafka would hand transport errors to the consumer as messages; the log has told them already.
    rd_kafka_conf_set_error_cb(conf) { _, _, _, _ in }
    if configuration.usesOAuth { rd_kafka_conf_enable_sasl_queue(conf, 1) }
    install(conf)
    var text = [CChar](repeating: 0, count: 1024)
    let type = kind == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
    guard let client = rd_kafka_new(type, conf, &text, text.count) else {
      rd_kafka_conf_destroy(conf)
      throw KafkaError(.invalidArgument, configuration.redacting(string(text)))
    }
    pointer = client
    // Token refreshes would otherwise wait for a poll that some clients never make.
    if configuration.usesOAuth, let error = rd_kafka_sasl_background_callbacks_enable(client) {
      throw KafkaError(consuming: error)
    }
  }

  deinit {
    guard gate.close() else { return }
    let owned = Owned(client: pointer, topics: topics, context: context)
    do { try NamedThread.start("kafka-destroy") { owned.destroy() } } catch { owned.destroy() }
  }

  /// Waits for the calls that are under way, then until librdkafka's threads have ended; no callback comes after it.
  /// `farewell` is the last call into the handle.
  func close(_ farewell: (OpaquePointer) -> Void = { _ in }) {
    guard gate.close() else { return }
    farewell(pointer)
    Owned(client: pointer, topics: topics, context: context).destroy()
  }

  /// Lends the pointer to a call; after `close` it throws `.destroyed` instead.
  func use<Result: ~Copyable>(_ body: (OpaquePointer) throws(KafkaError) -> Result) throws(KafkaError) -> Result {
    try enter()
    defer { leave() }
    return try body(pointer)
  }

  func enter() throws(KafkaError) {
    guard gate.enter() else { throw KafkaError(.destroyed, "this client of Kafka is closed") }
  }

  func leave() { gate.leave() }

  /// A call that answers a code.
  func call(_ body: (OpaquePointer) -> rd_kafka_resp_err_t) throws(KafkaError) {
    try use { client throws(KafkaError) in try check(body(client)) }
  }

  /// A call that answers an `rd_kafka_error_t *`.
  func call(_ body: (OpaquePointer) -> OpaquePointer?) throws(KafkaError) {
    try use { client throws(KafkaError) in try check(body(client)) }
  }

  func error(_ code: rd_kafka_resp_err_t, _ message: String? = nil) -> KafkaError {
    code == RD_KAFKA_RESP_ERR__FATAL ? fatal : context.explain(KafkaError(code, message))
  }

  /// Throws what an `rd_kafka_error_t *` says, and destroys it.
  func check(_ error: OpaquePointer?) throws(KafkaError) {
    guard let error else { return }
    let refusal = KafkaError(consuming: error)
    throw refusal.code == .fatal ? fatal : context.explain(refusal)
  }

  func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw error(code) }
  }

  /// Waits for the producer's records to arrive, serving their reports on this thread. A time-out is retriable.
  func flush(timeout: Duration) throws(KafkaError) {
    let code = try use { client throws(KafkaError) in rd_kafka_flush(client, timeout.milliseconds) }
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    let error = error(code)
    throw KafkaError(
      error.code, error.message, isFatal: error.isFatal, isRetriable: code == RD_KAFKA_RESP_ERR__TIMED_OUT)
  }

  /// The reason behind `_FATAL`.
  private var fatal: KafkaError { fatalError ?? KafkaError(RD_KAFKA_RESP_ERR__FATAL) }

  /// What made the handle useless, such as the loss of its fence; nil while it isn't.
  var fatalError: KafkaError? {
    guard gate.enter() else { return nil }
    defer { gate.leave() }
    var text = [CChar](repeating: 0, count: 512)
    let code = rd_kafka_fatal_error(pointer, &text, text.count)
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    return KafkaError(KafkaError.Code(code), context.configuration.redacting(string(text)), isFatal: true)
  }

  private struct Owned: @unchecked Sendable {
    let client: OpaquePointer
    let topics: MetTopics
    let context: ClientContext

    func destroy() {
      topics.leave()
      withExtendedLifetime(context) {
        rd_kafka_destroy_flags(client, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
      }
    }
  }
}

import Kafka

/// Which broker a request goes to.
enum Destination: Hashable {
  case anyBroker
  case coordinator(FindCoordinator.Kind, String)
  case leader(TopicPartition)
}

/// A request that waits for a connection, or for its answer.
protocol PendingCall: AnyObject {
  var destination: Destination { get }
  var isWaiting: Bool { get }
  func send(over connection: Connection, tag: Int)
  func answered(_ answered: Connection.Answered)
  func lost(_ error: KafkaError, wasSent: Bool)
}

final class Call<Request: KafkaRequest>: PendingCall {
  enum State {
    case waiting
    case sent
    case answered(Request.Answer)
    /// It may have reached the broker unless `wasSent` is false.
    case lost(KafkaError, wasSent: Bool)
  }

  let request: Request
  let destination: Destination
  private(set) var state = State.waiting
  private var connection: Connection?

  init(_ request: Request, to destination: Destination) {
    self.request = request
    self.destination = destination
  }

  var isWaiting: Bool { if case .waiting = state { true } else { false } }

  var isOver: Bool {
    switch state {
    case .waiting, .sent: false
    case .answered, .lost: true
    }
  }

  func send(over connection: Connection, tag: Int) {
    guard let version = connection.versions?.version(of: Request.api) else {
      let reason = "\(connection.address) speaks no version of \(Request.api) that this client does"
      state = .lost(KafkaError(.unsupportedFeature, reason, isFatal: true), wasSent: false)
      return
    }
    let correlation = connection.nextCorrelation()
    let message = request.message(version: version, correlation: correlation, clientID: connection.settings.clientID)
    connection.submit(Frame(message), Request.api, tag: tag, version: version, correlation: correlation)
    self.connection = connection
    state = .sent
  }

  func answered(_ answered: Connection.Answered) {
    do {
      let answer = try Request.answer(in: answered.frame, version: answered.version, correlation: answered.correlation)
      if let throttled = answer as? any ThrottledAnswer { connection?.throttle(throttled.throttle) }
      state = .answered(answer)
    } catch {
      let reason = "\(connection?.address.description ?? "a broker") answers \(Request.api): \(error)"
      state = .lost(KafkaError(.failed, reason, isFatal: true), wasSent: true)
    }
    connection = nil
  }

  func lost(_ error: KafkaError, wasSent: Bool) {
    connection = nil
    state = .lost(error, wasSent: wasSent)
  }
}

/// An answer by which a broker may ask for silence (KIP-219).
protocol ThrottledAnswer {
  /// Milliseconds.
  var throttle: Int32 { get }
}

extension PlainAnswer: ThrottledAnswer {}
extension Metadata.Answer: ThrottledAnswer {}
extension FindCoordinator.Answer: ThrottledAnswer {}
extension InitProducerID.Answer: ThrottledAnswer {}
extension AddPartitionsToTransaction.Answer: ThrottledAnswer {}
extension TransactionOffsetCommit.Answer: ThrottledAnswer {}
extension OffsetFetch.Answer: ThrottledAnswer {}
extension ListOffsets.Answer: ThrottledAnswer {}

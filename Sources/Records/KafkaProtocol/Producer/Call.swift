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
  /// When to send it to another broker as well; nil when no other can answer it.
  var nextCopy: ContinuousClock.Instant? { get }
  /// True when it is on its way under `tag`.
  func send(over connection: Connection, tag: Int) -> Bool
  func answered(_ answered: Connection.Answered, by connection: Connection)
  func lost(_ error: KafkaError, wasSent: Bool)
}

/// What any broker can answer is put to another one when the first takes long; whichever answers first is believed, and it is lost when every one of
/// them is.
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
  /// How many brokers owe an answer, and since when the last of them.
  private var copies = 0
  private var lastSent = ContinuousClock.now
  private static var mostCopies: Int { 4 }

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

  var nextCopy: ContinuousClock.Instant? {
    guard case .sent = state, destination == .anyBroker, copies < Self.mostCopies else { return nil }
    return lastSent + Network.slowness
  }

  func send(over connection: Connection, tag: Int) -> Bool {
    guard let version = connection.versions?.version(of: Request.api) else {
      guard isWaiting else { return false }
      let reason = "\(connection.address) speaks no version of \(Request.api) that this client does"
      state = .lost(KafkaError(.unsupportedFeature, reason, isFatal: true), wasSent: false)
      return false
    }
    let correlation = connection.nextCorrelation()
    let message = request.message(version: version, correlation: correlation, clientID: connection.settings.clientID)
    connection.submit(Frame(message), Request.api, tag: tag, version: version, correlation: correlation)
    copies += 1
    lastSent = .now
    state = .sent
    return true
  }

  func answered(_ answered: Connection.Answered, by connection: Connection) {
    copies -= 1
    do {
      let answer = try Request.answer(in: answered.frame, version: answered.version, correlation: answered.correlation)
      if let throttled = answer as? any ThrottledAnswer { connection.throttle(throttled.throttle) }
      if !isOver { state = .answered(answer) }
    } catch {
      guard !isOver else { return }
      let reason = "\(connection.address) answers \(Request.api): \(error)"
      state = .lost(KafkaError(.failed, reason, isFatal: true), wasSent: true)
    }
  }

  func lost(_ error: KafkaError, wasSent: Bool) {
    copies -= 1
    guard copies == 0, !isOver else { return }
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

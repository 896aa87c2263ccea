import Glibc
import Kafka

/// One connection to one broker, never waiting: requests are answered in the order in which they were sent (protocol guide, "Network").
final class Connection {
  enum State {
    case connecting
    /// The first request asks which versions the broker speaks.
    case negotiating
    case ready(VersionTable)
  }

  /// What came of a request, known by the number under which it was submitted.
  enum Event {
    case answer(tag: Int, Answered)
    /// It may have reached the broker, unless `wasSent` is false.
    case lost(tag: Int, KafkaError, wasSent: Bool)
  }

  struct Answered {
    var frame: [UInt8]
    var version: Int16
    var correlation: Int32
  }

  struct Request {
    /// Nil: the connection's own question about versions.
    var tag: Int?
    var frame: Frame
    var version: Int16
    var correlation: Int32
    var timeout: Duration
  }

  let address: BrokerAddress
  /// Nil: it was reached by a bootstrap address, and may be any.
  let node: Int32?
  let settings: ClientSettings
  /// −1 when there is none.
  var descriptor: Int32 = -1
  var state = State.connecting
  var candidates: [SocketAddress]
  var connectDeadline = ContinuousClock.now
  /// In order; those at the front are sent, and wait for their answers.
  var requests: [Request] = []
  /// How many of `requests` are sent to their last byte.
  var sentCount = 0
  /// Since when the first of `requests` has been the first, and the broker not silent because of a quota: only from then on it can have been slow.
  var frontSince = ContinuousClock.now
  var incoming: [UInt8] = []
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
  var lastCorrelation: Int32 = 0
  /// The broker asks for silence until then (KIP-219).
  var throttledUntil = ContinuousClock.Instant.now

  static let connectTimeout = Duration.seconds(5)

  /// Begins to connect. Throws when the name has no address.
  init(_ address: BrokerAddress, node: Int32? = nil, _ settings: ClientSettings) throws(KafkaError) {
    self.address = address
    self.node = node
    self.settings = settings
    candidates = try SocketAddress.resolve(address)
    try connectNext(after: nil)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    scratch.deallocate()
  }

  var versions: VersionTable? {
    if case .ready(let versions) = state { versions } else { nil }
  }

  var isReady: Bool { versions != nil }

  /// Requests without an answer.
  var inFlight: Int { requests.count }

  /// Whether the first of its requests has waited for longer than `patience`: what is sent now would wait behind it.
  func isStalled(for patience: Duration, _ now: ContinuousClock.Instant) -> Bool {
    inFlight > 0 && frontSince + patience <= now
  }

  func throttle(_ milliseconds: Int32) {
    guard milliseconds > 0 else { return }
    throttledUntil = max(throttledUntil, .now + .milliseconds(Int(milliseconds)))
    frontSince = max(frontSince, throttledUntil)
  }

  /// The number that the next request bears.
  func nextCorrelation() -> Int32 {
    lastCorrelation = lastCorrelation == .max ? 0 : lastCorrelation + 1
    return lastCorrelation
  }

  func submit(_ frame: Frame, _ api: API, tag: Int?, version: Int16, correlation: Int32) {
    if requests.isEmpty { frontSince = max(.now, throttledUntil) }
    let timeout = api.isQuick ? min(Self.quickTimeout, settings.requestTimeout) : settings.requestTimeout
    requests.append(Request(tag: tag, frame: frame, version: version, correlation: correlation, timeout: timeout))
  }

  private static let quickTimeout = Duration.seconds(5)

  /// When something has to be done though nothing happens.
  var deadline: ContinuousClock.Instant? {
    if case .connecting = state { return connectDeadline }
    return requests.first.map { frontSince + $0.timeout }
  }

  /// What `poll` is to watch for.
  var interest: Int16 {
    if case .connecting = state { return Int16(POLLOUT) }
    return Int16(POLLIN) | (sentCount < requests.count ? Int16(POLLOUT) : 0)
  }

  /// What becomes of the requests without an answer when the connection ends.
  func abandon(_ error: KafkaError) -> [Event] {
    let events = requests.enumerated().compactMap { index, request -> Event? in
      guard let tag = request.tag else { return nil }
      return .lost(tag: tag, error, wasSent: index < sentCount || request.frame.hasBegun)
    }
    requests = []
    sentCount = 0
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    return events
  }

  func failure(_ reason: String, code: KafkaError.Code = .transport) -> KafkaError {
    KafkaError(code, "\(address): \(reason)", isRetriable: true)
  }
}

import Glibc
import Kafka

extension Connection {
  /// Tries the addresses that are left, one after the other.
  func connectNext(after error: KafkaError?) throws(KafkaError) {
    var last = error
    while !candidates.isEmpty {
      let candidate = candidates.removeFirst()
      if descriptor >= 0 { close(descriptor) }
      descriptor = socket(
        candidate.family,
        Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else {
        last = failure("no socket: \(Self.text(errno))")
        continue
      }
      var on: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
      setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
      let result = candidate.withPointer { connect(descriptor, $0, $1) }
      if result == 0 || errno == EINPROGRESS {
        connectDeadline = .now + Self.connectTimeout
        return
      }
      last = failure("not connected: \(Self.text(errno))")
    }
    throw last ?? failure("the host has no address", code: .resolve)
  }

  /// Does what the socket allows now. Throws when the connection is of no use any more.
  func advance(_ ready: Int16, now: ContinuousClock.Instant) throws(KafkaError) -> [Event] {
    if case .connecting = state {
      try connecting(ready, now)
      return []
    }
    var events: [Event] = []
    if ready & Int16(POLLIN | POLLHUP | POLLERR) != 0 { events = try receive() }
    try flush()
    if let first = requests.first, frontSince + first.timeout <= now {
      throw failure("no answer for \(first.timeout)", code: .timedOut)
    }
    return events
  }

  private func connecting(_ ready: Int16, _ now: ContinuousClock.Instant) throws(KafkaError) {
    guard ready != 0 else {
      guard now >= connectDeadline else { return }
      return try connectNext(after: failure("no connection within \(Self.connectTimeout)"))
    }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
    guard code == 0 else { return try connectNext(after: failure("not connected: \(Self.text(code))")) }
    state = .negotiating
    negotiate(version: API.apiVersions.versions.upperBound)
    try flush()
  }

  private func negotiate(version: Int16) {
    let correlation = nextCorrelation()
    let message = ApiVersions().message(version: version, correlation: correlation, clientID: settings.clientID)
    submit(Frame(message), .apiVersions, tag: nil, version: version, correlation: correlation)
  }

  /// Sends what waits, as far as the socket takes it.
  func flush() throws(KafkaError) {
    while sentCount < requests.count {
      guard requests[sentCount].frame.send(to: descriptor) else {
        if errno == EAGAIN || errno == EINTR { return }
        throw failure("sending failed: \(Self.text(errno))")
      }
      if requests[sentCount].frame.isSent { sentCount += 1 }
    }
  }

  private static let largestAnswer = 100 << 20

  private func receive() throws(KafkaError) -> [Event] {
    let isEnded = try read()
    var events: [Event] = []
    var position = 0
    while incoming.count - position >= 4 {
      let length = incoming[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
      guard length >= 4, length <= Self.largestAnswer else {
        throw failure("what answers is no plain listener of Kafka's (one of TLS?)")
      }
      guard incoming.count - position - 4 >= length else { break }
      let frame = Array(incoming[(position + 4)..<(position + 4 + length)])
      position += 4 + length
      if let event = try take(frame) { events.append(event) }
    }
    incoming.removeFirst(position)
    if isEnded {
      // What was answered before the end counts: the caller gets it, and meets the end the next time.
      guard !events.isEmpty else { throw failure("the broker closed the connection") }
    }
    return events
  }

  /// True at the stream's end.
  private func read() throws(KafkaError) -> Bool {
    while true {
      let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
      if count == 0 { return true }
      if count < 0 {
        if errno == EAGAIN { return false }
        guard errno == EINTR else { throw failure("receiving failed: \(Self.text(errno))") }
        continue
      }
      incoming.append(contentsOf: UnsafeRawBufferPointer(rebasing: scratch[..<count]))
      if count < scratch.count { return false }
    }
  }

  private func take(_ frame: [UInt8]) throws(KafkaError) -> Event? {
    guard sentCount > 0, let request = requests.first else { throw failure("an answer came to no request") }
    requests.removeFirst()
    sentCount -= 1
    frontSince = max(.now, throttledUntil)
    let found = frame.prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
    guard found == request.correlation else {
      throw failure("\(WireError.correlation(found, expected: request.correlation))")
    }
    let answered = Answered(frame: frame, version: request.version, correlation: request.correlation)
    if let tag = request.tag { return .answer(tag: tag, answered) }
    try negotiated(answered)
    return nil
  }

  /// A broker that does not know the version asked for says which ones it does (KIP-511).
  private func negotiated(_ answered: Answered) throws(KafkaError) {
    let answer: ApiVersions.Answer
    do {
      answer = try ApiVersions.negotiate(
        answered.frame, version: answered.version, correlation: answered.correlation)
    } catch { throw failure("asked for its versions: \(error)") }
    if answer.error == KafkaError.Code.unsupportedVersion, answered.version > 0 {
      return negotiate(version: VersionTable(answer).version(of: .apiVersions) ?? 0)
    }
    guard answer.error == 0 else { throw failure("asked for its versions: error \(answer.error)") }
    state = .ready(VersionTable(answer))
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}

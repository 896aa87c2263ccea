import Threads

/// A call that puts positions into a transaction, on a thread of its own, for two reasons: records may be on their way meanwhile; and while a group has
/// no coordinator, librdkafka (up to 2.14 at least, its issue 5456) forgets the call's time-out and may block for ever. One that overstays is given up
/// together with the handle, which goes when it returns at last.
package final class OffsetsCall: Sendable {
  private enum Call {
    case underWay
    case returned(Result<Void, KafkaError>)
    case givenUp
  }

  private let call = Monitor(Call.underWay)
  private let timeout: Duration
  private let end: ContinuousClock.Instant
  private let whenGivenUp: @Sendable () -> Void

  private static let grace = Duration.seconds(2)

  init(
    _ timeout: Duration, whenGivenUp: @escaping @Sendable () -> Void,
    _ body: @escaping @Sendable () throws(KafkaError) -> Void
  ) throws(KafkaError) {
    self.timeout = timeout
    self.whenGivenUp = whenGivenUp
    end = .now + timeout + Self.grace
    let call = call
    do {
      try NamedThread.start("kafka-offsets") {
        let result = Result { () throws(KafkaError) in try body() }
        call.change { if case .underWay = $0 { $0 = .returned(result) } }
      }
    } catch {
      throw KafkaError(.failed, "\(error)", isRetriable: true)
    }
  }

  /// Blocks until the broker has answered. Throws what `TransactionalClient.sendOffsets` throws.
  package func wait() throws(KafkaError) {
    if let result = call.wait(timeout: end - .now, Self.result) { return try result.get() }
    // It may return at this very moment.
    let late = call.change { call in
      defer { if case .underWay = call { call = .givenUp } }
      return Self.result(&call)
    }
    if let late { return try late.get() }
    whenGivenUp()
    throw KafkaError(
      .timedOut, "no answer about the positions' group for \(timeout): does it have a coordinator?", isFatal: true)
  }

  private static func result(_ call: inout Call) -> Result<Void, KafkaError>? {
    if case .returned(let result) = call { result } else { nil }
  }
}

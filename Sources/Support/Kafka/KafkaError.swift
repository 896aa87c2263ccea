/// What librdkafka or a broker refused, with what librdkafka says about the way on.
///
/// `message` never holds a configuration value that could be a secret.
package struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What a caller may do after the error. The three of a transactional producer are KIP-360's and librdkafka's own.
  package enum Disposition: Sendable, Equatable {
    /// The same call may be made again: nothing happened, or it is safe to ask once more.
    case retriable
    /// The transaction must be aborted, then a new one may begin.
    case abortable
    /// Somebody else holds the transactional id (or group instance id): the handle is useless, and so is its owner's claim.
    case fenced
    /// The handle is useless: close it and start from a new one.
    case fatal
    /// Nothing of the above: the request itself was refused.
    case refused
  }

  package let code: Code
  package let message: String
  package let isFatal: Bool
  package let isRetriable: Bool
  package let txnRequiresAbort: Bool

  package init(
    _ code: Code, _ message: String, isFatal: Bool = false, isRetriable: Bool = false, txnRequiresAbort: Bool = false
  ) {
    self.code = code
    self.message = message
    self.isFatal = isFatal
    self.isRetriable = isRetriable
    self.txnRequiresAbort = txnRequiresAbort
  }

  package var isFenced: Bool {
    [.fenced, .producerFenced, .invalidProducerEpoch, .fencedInstanceID].contains(code)
  }

  package var disposition: Disposition {
    if isFenced { return .fenced }
    if isFatal { return .fatal }
    if txnRequiresAbort { return .abortable }
    return isRetriable ? .retriable : .refused
  }

  package var description: String { "\(message) (\(code))" }

  func saying(_ message: String) -> KafkaError {
    KafkaError(
      code, message, isFatal: isFatal, isRetriable: isRetriable, txnRequiresAbort: txnRequiresAbort)
  }
}

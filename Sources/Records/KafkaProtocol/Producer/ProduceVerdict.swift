import Kafka

/// What to do about a broker's answer to one batch. Source: protocol guide, "Error Codes"; KIP-98, KIP-360, KIP-447 and KIP-890; Kafka's `Sender` and
/// `TransactionManager`.
enum ProduceVerdict {
  /// Nil: it was there already, and the broker doesn't know any more where.
  case acknowledged(baseOffset: Int64?)
  case again(KafkaError, seeksLeader: Bool)
  case failed(KafkaError)

  struct Circumstances {
    var partition: TopicPartition
    var isTransactional: Bool
    /// No batch before this one is unsettled.
    var isOldest: Bool
    var attempts: Int
  }

  private static let corruptionAttempts = 3

  init(_ answer: Produce.Acknowledgement, _ circumstances: Circumstances) {
    let code = KafkaError.Code(answer.error)
    func error(fatal: Bool = false, retriable: Bool = false, code other: KafkaError.Code? = nil) -> KafkaError {
      let detail = answer.message.map { ": \($0)" } ?? ""
      return KafkaError(
        other ?? code, "\(circumstances.partition): \(code.sentence)\(detail)", isFatal: fatal, isRetriable: retriable,
        txnRequiresAbort: !fatal && !retriable && circumstances.isTransactional)
    }
    switch code {
    case .none: self = .acknowledged(baseOffset: answer.baseOffset >= 0 ? answer.baseOffset : nil)
    case .duplicateSequence: self = .acknowledged(baseOffset: nil)
    case _ where code.asksForAnotherLeader: self = .again(error(retriable: true), seeksLeader: true)
    case _ where code.mayPass: self = .again(error(retriable: true), seeksLeader: false)
    case .corruptMessage where circumstances.attempts < Self.corruptionAttempts:
      self = .again(error(retriable: true), seeksLeader: false)
    case .outOfOrderSequence where !circumstances.isOldest: self = .again(error(retriable: true), seeksLeader: false)
    // Somebody else has the id, or the coordinator ended a transaction that took too long: an abort will tell.
    case .invalidProducerEpoch where circumstances.isTransactional: self = .failed(error(code: .failed))
    case .producerFenced, .invalidProducerEpoch, .invalidProducerIDMapping: self = .failed(error(fatal: true))
    case _ where code.isAuthorization: self = .failed(error(fatal: true))
    // A refused codec among them. Without a transaction to abort, what is missing in the sequence can't be mended.
    default: self = .failed(error(fatal: !circumstances.isTransactional))
    }
  }
}

import Kafka

/// What to do about an answer.
enum AnswerVerdict {
  case fine
  /// To be asked again, after a pause.
  case again(KafkaError)
  case failed(KafkaError)
}

extension BatchProducer {
  /// Asks, as often as the answer is that it isn't time yet, until `end`; serves everything else meanwhile.
  /// - Parameter isRepeatable: it may be asked again when the connection broke before the answer came.
  func ask<Request: KafkaRequest>(
    _ what: String, _ request: Request, _ destination: Destination, until end: ContinuousClock.Instant,
    isRepeatable: Bool = true, _ judge: (Request.Answer) -> AnswerVerdict
  ) throws(KafkaError) -> Request.Answer {
    var last: KafkaError?
    var pause = Self.firstPause
    lastSearchError = nil
    while true {
      let call = try finish(Call(request, to: destination), what, last, until: end)
      switch call.state {
      case .answered(let answer):
        switch judge(answer) {
        case .fine: return answer
        case .failed(let error): throw error
        case .again(let error):
          last = error
          if error.code.asksForCoordinator { forgetCoordinator(destination) }
        }
      case .lost(let error, let wasSent):
        if wasSent { isOutcomeUnknown = true }
        guard error.isRetriable, isRepeatable || !wasSent else { throw error }
        last = error
        forgetCoordinator(destination)
      case .waiting, .sent: break
      }
      let next = min(end, .now + pause)
      while ContinuousClock.now < next { turn(until: next) }
      pause = min(pause * 2, Self.longestPause)
    }
  }

  private static let firstPause = Duration.milliseconds(2)
  private static let longestPause = Duration.milliseconds(100)

  /// Returns when the call is over; throws when the time is.
  private func finish<Request: KafkaRequest>(
    _ call: Call<Request>, _ what: String, _ last: KafkaError?, until end: ContinuousClock.Instant
  ) throws(KafkaError) -> Call<Request> {
    calls.append(call)
    defer { calls.removeAll { $0 === call } }
    repeat {
      turn(until: end)
      if call.isOver { return call }
      if let error = lastSearchError, error.isFatal { throw error }
    } while ContinuousClock.now < end
    if !call.isWaiting { isOutcomeUnknown = true }
    // Not what was asked for, but why it can't be had.
    if let last, last.code == .unstableOffsetCommit || last.code == .unknownTopicOrPartition { throw last }
    throw timedOut("\(what): no answer in time", last ?? lastSearchError ?? network.lastError)
  }

  func error(_ code: Int16, _ what: String, isFatal: Bool = false, isRetriable: Bool = false) -> KafkaError {
    let code = KafkaError.Code(code)
    return KafkaError(
      code, "\(what): \(code.sentence)", isFatal: isFatal, isRetriable: isRetriable,
      txnRequiresAbort: !isFatal && !isRetriable && phase == .open && isTransactional)
  }

  /// About an answer that concerns a transaction or a producer id.
  func judge(_ code: Int16, _ what: String) -> AnswerVerdict {
    switch KafkaError.Code(code) {
    case .none: return .fine
    case .unknownTopicOrPartition: return .again(error(code, what, isRetriable: true))
    case let passing where passing.mayPass: return .again(error(code, what, isRetriable: true))
    case .producerFenced, .invalidProducerEpoch:
      let fenced = KafkaError(.producerFenced, "\(what): somebody else has the transactional id now", isFatal: true)
      fatal = fatal ?? fenced
      return .failed(fenced)
    case .invalidTransactionState, .invalidProducerIDMapping: return .failed(error(code, what, isFatal: true))
    case let refused where refused.isAuthorization: return .failed(error(code, what, isFatal: true))
    default: return .failed(error(code, what))
    }
  }
}

import ColdStorage
import Kafka

/// What a follower tells.
package enum FollowNews: Sendable {
  /// Added to the archive: by the first round, even if it is nothing, and by each that brought something.
  case captured(CaptureReport)
  /// Out of reach for the moment, or in doubt; tried again.
  case waiting(String)
}

/// Captures a topic in rounds: each reads what was committed since the one before, and adds it to the archive as a whole.
///
/// An open transaction ends a round early, since what comes before it may be added. A broker that doesn't answer is waited for without end. A topic that is
/// gone, or shorter than before, may be what a broker says that has just started: only when that lasts it is an error.
final class TopicFollower {
  private let capture: TopicCapture
  private let interval: Duration
  private let isStopped: () -> Bool
  private let tell: (FollowNews) -> Void
  private var doubtSince: ContinuousClock.Instant?
  private var toldTrouble: ContinuousClock.Instant?
  private var isFirst = true

  init(
    _ capture: TopicCapture, every interval: Duration, until isStopped: @escaping () -> Bool,
    tell: @escaping (FollowNews) -> Void
  ) {
    self.capture = capture
    self.interval = interval
    self.isStopped = isStopped
    self.tell = tell
  }

  func run() throws {
    defer { capture.close() }
    while true {
      try readRound()
      // A first capture that is not finished shows nothing, or readers would take it for the topic.
      guard !isStopped() || capture.writer.index != nil else {
        try capture.writer.checkpoint()
        throw ArchiverError.cancelled(topic: capture.topic.name)
      }
      try commit()
      if isStopped() { return }
      try rest()
      if isStopped() { return try commit() }
      try extend()
    }
  }

  /// Up to the bounds, or to where open transactions let it.
  private func readRound() throws {
    var checked = ContinuousClock.now
    while !isStopped(), !capture.partitions.allSatisfy({ $0.phase == .done || $0.phase == .waiting }) {
      try capture.startMore()
      try capture.step()
      let now = ContinuousClock.now
      if now - max(capture.lastProgress, checked) > capture.options.patience {
        checked = now
        tell(.waiting("nothing came for a while\(capture.lastError.map { ": \($0.message)" } ?? "")"))
      }
    }
  }

  private func commit() throws {
    guard isFirst || capture.hasNews else { return }
    try capture.commit()
    isFirst = false
    tell(.captured(capture.report))
  }

  /// What waits behind an open transaction goes on meanwhile.
  private func rest() throws {
    let end = ContinuousClock.now + interval
    while ContinuousClock.now < end, !isStopped() { try capture.step() }
  }

  private func extend() throws {
    do {
      try capture.extend()
      (doubtSince, toldTrouble) = (nil, nil)
    } catch let error as KafkaError {
      switch error.code {
      case .topicAuthorizationFailed, .clusterAuthorizationFailed: throw error
      default: if error.isFatal { throw error }
      }
      wait(error.message)
    } catch let error as ArchiverError {
      switch error {
      case .noSuchTopic, .recreated: break
      default: throw error
      }
      let since = doubtSince ?? .now
      doubtSince = since
      guard ContinuousClock.now - since < capture.options.patience else { throw error }
      wait(error.description)
    }
  }

  private func wait(_ trouble: String) {
    if let toldTrouble, ContinuousClock.now - toldTrouble < capture.options.patience { return }
    toldTrouble = .now
    tell(.waiting(trouble))
  }
}

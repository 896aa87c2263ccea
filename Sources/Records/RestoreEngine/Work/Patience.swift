import Logging
import RestoreModel

/// Tries again what is out of reach, telling so, until patience ends. Progress in between renews it.
struct Patience {
  private let assignment: Assignment
  /// Nil: for ever.
  private let limit: Duration?
  private var since: ContinuousClock.Instant?
  /// What is waited for is a topic that is not known.
  private var unknown = false
  private var told: ContinuousClock.Instant?
  private var delay: Duration

  /// By then every broker has heard of a topic that was just made; one that is missing is missing.
  private static let settling = Duration.seconds(10)
  private static let reminder = Duration.seconds(30)

  init(_ assignment: Assignment, limit: Duration?) {
    self.assignment = assignment
    self.limit = limit
    delay = assignment.policy.retryDelay.lowerBound
  }

  mutating func renew() {
    since = nil
    told = nil
    delay = assignment.policy.retryDelay.lowerBound
  }

  /// Returns when it is time for another try; throws the fault as fatal when patience has ended.
  mutating func wait(_ fault: RunFault) throws(WorkInterruption) {
    let now = ContinuousClock.now
    let isUnknown = fault.reason == RunFault.unknownTopic
    // What was out of reach before may have to catch up first.
    if isUnknown != unknown { since = nil }
    unknown = isUnknown
    let limit = isUnknown ? Self.settling : limit
    let since = self.since ?? now
    self.since = since
    if let limit, now - since >= limit {
      let message = "\(fault.message) (tried again for \(limit.components.seconds) s)"
      throw .fatal(RunFault(reason: fault.reason, message: message))
    }
    // The first stumble is often over before anybody could read about it.
    if told.map({ now - $0 >= Self.reminder }) ?? (delay > assignment.policy.retryDelay.lowerBound) {
      assignment.report(.waiting(fault))
      told = now
    }
    assignment.logger.warning("trying again", ["reason": fault.reason, "error": fault.message])
    do { try assignment.control.pause(delay) } catch { throw .stopped }
    delay = min(delay * 2, assignment.policy.retryDelay.upperBound)
  }

  /// Calls `body` until it succeeds or fails for good.
  mutating func retry<Result>(_ body: () throws(WorkInterruption) -> Result) throws(WorkInterruption) -> Result {
    while true {
      do {
        let result = try body()
        renew()
        return result
      } catch {
        guard case .transient(let fault) = error else { throw error }
        try wait(fault)
      }
    }
  }
}

import Threads

/// The budget of bytes a second that all lanes of a Restore share. It is taken before a transaction begins, so that no transaction waits for it.
package final class Throttle: Sendable {
  private struct State {
    /// Nil: as fast as it goes.
    var rate: Int64?
    var tokens: Double = 0
    var last: ContinuousClock.Instant
  }

  /// Where it has its time from.
  package struct Time: Sendable {
    let now: @Sendable () -> ContinuousClock.Instant
    /// Lets time pass in place of a wait; nil: a wait does.
    let pass: (@Sendable (Duration) -> Void)?

    package static let real = Time(now: { .now }, pass: nil)
  }

  private let state: Monitor<State>
  private let time: Time

  package init(bytesPerSecond: Int64?, time: Time = .real) {
    self.time = time
    state = Monitor(State(rate: bytesPerSecond, last: time.now()))
  }

  /// Nil: as fast as it goes.
  var bytesPerSecond: Int64? { state.read { $0.rate } }

  /// Takes effect at once, for those who wait too.
  package func set(bytesPerSecond: Int64?) {
    guard state.read({ $0.rate }) != bytesPerSecond else { return }
    state.change { state in
      refill(&state)
      state.rate = bytesPerSecond
      if let rate = bytesPerSecond { state.tokens = min(state.tokens, Double(rate)) }
    }
  }

  /// Waits up to `timeout` for some budget, and takes at most `wanted` bytes of it: `Int.max` when nothing is throttled, 0 when the time has passed.
  /// Whoever sends more than it took (a record larger than the rate) gives back a negative rest.
  package func take(upTo wanted: Int, timeout: Duration) -> Int {
    let end = time.now() + timeout
    while true {
      let (granted, delay) = state.change { state -> (Int?, Duration) in
        guard let rate = state.rate else { return (.max, .zero) }
        refill(&state)
        // At least a tenth of a second's worth, or a transaction would be begun for every record.
        let least = min(Double(wanted), max(1, Double(rate) / 10))
        guard state.tokens >= least else { return (nil, .seconds((least - state.tokens) / Double(max(rate, 1)))) }
        let granted = Int(min(Double(wanted), state.tokens))
        state.tokens -= Double(granted)
        return (granted, .zero)
      }
      if let granted { return granted }
      let left = end - time.now()
      guard left > .zero else { return 0 }
      let rate = state.read { $0.rate }
      if let pass = time.pass {
        pass(min(delay, left))
      } else {
        _ = state.wait(timeout: min(delay, left)) { $0.rate == rate ? nil : true }
      }
    }
  }

  /// Returns what was taken and not used.
  package func giveBack(_ bytes: Int) {
    state.change { $0.tokens += Double(bytes) }
  }

  /// A second's worth at most is saved up.
  private func refill(_ state: inout State) {
    let now = time.now()
    let elapsed = now - state.last
    state.last = now
    guard let rate = state.rate else { return }
    state.tokens = min(Double(rate), state.tokens + elapsed / .seconds(1) * Double(rate))
  }
}

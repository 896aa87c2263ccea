import RestoreEngine
import Seeded
import Testing
import Threads

@testable import RestoreEngine

@Suite("A throttle over ten seconds")
struct ThrottleTests {
  /// A time that passes only when it is told to.
  final class VirtualTime: Sendable {
    private let passed = Locked(Duration.zero)
    private let start = ContinuousClock.now

    var elapsed: Duration { passed.withLock { $0 } }
    func pass(_ duration: Duration) { passed.withLock { $0 += duration } }
    var time: Throttle.Time { Throttle.Time(now: { self.start + self.elapsed }, pass: { self.pass($0) }) }
  }

  /// Lanes as they go: a budget is taken, records of up to a twentieth of a second's worth are sent until it is used up, in a transaction that takes
  /// its time; the rest, below zero where the last record was larger, is given back.
  struct Lanes {
    let count: Int
    let rate: Int64
    /// Of the sink, as a multiple of the rate.
    let speed: Double

    func transact(_ throttle: Throttle, _ time: VirtualTime, _ random: inout SeededGenerator) -> Int64 {
      var sent: Int64 = 0
      for _ in 0..<count {
        let budget = throttle.take(upTo: 256 << 20, timeout: .milliseconds(250))
        guard budget > 0 else { continue }
        var left = budget
        while left > 0 {
          let record = Int.random(in: 1...max(1, Int(rate) / 20), using: &random)
          left -= record
          sent += Int64(record)
        }
        throttle.giveBack(left)
        let took = Double(budget - left) / (Double(rate) * speed) * Double.random(in: 0.5...1, using: &random)
        time.pass(.seconds(took))
      }
      return sent
    }
  }

  @Test(
    "It is held within a tenth, by one lane or several, whatever the rate and however fast the sink",
    arguments: [1_000, 100_000, 50_000_000] as [Int64], [1, 4])
  func held(rate: Int64, lanes count: Int) {
    for speed in [1.5, 4, 1000] {
      for seed in UInt64(0)..<20 {
        var random = SeededGenerator(seed)
        let time = VirtualTime()
        let throttle = Throttle(bytesPerSecond: rate, time: time.time)
        let lanes = Lanes(count: count, rate: rate, speed: speed)
        var sent: Int64 = 0
        while time.elapsed < .seconds(10) { sent += lanes.transact(throttle, time, &random) }
        let ratio = Double(sent) / Double(rate) / (time.elapsed / .seconds(1))
        #expect(abs(ratio - 1) <= 0.1, "\(ratio) of \(rate) B/s, sink \(speed) times as fast, seed \(seed)")
      }
    }
  }

  @Test("After a rest it makes up for a second at most, and changed it takes effect at once")
  func restAndChange() {
    var random = SeededGenerator(7)
    let time = VirtualTime()
    let throttle = Throttle(bytesPerSecond: 100_000, time: time.time)
    time.pass(.seconds(60))
    func send(over seconds: Int, at rate: Int64) -> Double {
      let lanes = Lanes(count: 1, rate: rate, speed: 1000)
      let begin = time.elapsed
      var sent: Int64 = 0
      while time.elapsed - begin < .seconds(seconds) { sent += lanes.transact(throttle, time, &random) }
      return Double(sent) / Double(rate) / ((time.elapsed - begin) / .seconds(1))
    }
    let rested = send(over: 10, at: 100_000)
    #expect(rested > 1.05 && rested <= 1.11, "\(rested)")
    for rate in [10_000, 1_000_000] as [Int64] {
      throttle.set(bytesPerSecond: rate)
      let ratio = send(over: 10, at: rate)
      #expect(abs(ratio - 1) <= 0.1, "\(ratio) of \(rate) B/s")
    }
  }
}

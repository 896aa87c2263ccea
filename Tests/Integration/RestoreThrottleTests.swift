import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

@Suite("The throttle of a real run")
struct RestoreThrottleTests {
  typealias Expect = RestoreExpectations

  /// Of 1,000 bytes each, key and value.
  static func records(_ count: Int64) -> [TestRecord] {
    (0..<count).map { TestRecord(plain: $0, size: 998) }
  }

  static func harness(
    _ broker: Broker, _ records: [TestRecord], bytesPerSecond: Int64, _ transactions: TransactionBounds
  ) async throws -> (harness: RestoreHarness, target: String) {
    let archive = try TestArchive()
    try archive.write("orders", [records])
    let target = try await broker.makeTopic("target")
    let harness = RestoreHarness(
      broker.node.bootstrapServers, archive, config: Expect.config([("orders", target)]), transactions: transactions)
    harness.state.change { $0.spec.config.throttleBytesPerSecond = bytesPerSecond }
    try await harness.prepare()
    return (harness, target)
  }

  static let bounds = TransactionBounds(interval: .milliseconds(200))

  @Test("Over ten seconds no more gets through than it allows", .broker())
  func held() async throws {
    let broker = try await Broker.require()
    let (harness, _) = try await Self.harness(broker, Self.records(5000), bytesPerSecond: 500_000, Self.bounds)
    let begin = ContinuousClock.now
    harness.want(.lanes)
    try await harness.finish()
    let seconds = (ContinuousClock.now - begin) / .seconds(1)
    RestoreEngineTests.expectDone(harness)
    let ratio = 5_000_000 / seconds / 500_000
    // Never faster, however fast the machine. A machine that is busy with other things may be slower: how near it comes is tried on virtual time.
    #expect(ratio <= 1.1, "\(ratio) of the rate, \(seconds) s")
    await harness.stop()
  }

  @Test("Changed while it runs it takes effect, downwards and upwards", .broker())
  func changed() async throws {
    let broker = try await Broker.require()
    let (high, low): (Int64, Int64) = (1_000_000, 100_000)
    let (harness, target) = try await Self.harness(broker, Self.records(6000), bytesPerSecond: high, Self.bounds)
    func change(to rate: Int64?) {
      harness.state.change { $0.spec.config.throttleBytesPerSecond = rate }
      harness.want(.lanes)
    }
    harness.want(.lanes)
    try await harness.wait("some progress") { $0.bytesRestored > 0 ? true : nil }
    change(to: low)
    let lowered = ContinuousClock.now
    // A second's worth of the old rate may have been granted already, and half a second's not been told yet.
    let before = harness.now.bytesRestored
    try await harness.wait("slow progress") { $0.bytesRestored >= before + high * 2 + 5 * low ? true : nil }
    let slow = (ContinuousClock.now - lowered) / .seconds(1)
    #expect(slow > 5 / 1.1 - 1.1, "five seconds' worth came within \(slow) s")
    let left = 6_000_000 - harness.now.bytesRestored
    change(to: nil)
    let raised = ContinuousClock.now
    try await harness.finish()
    let fast = (ContinuousClock.now - raised) / .seconds(1)
    #expect(fast < Double(left) / Double(low) / 2, "\(left) bytes took \(fast) s")
    RestoreEngineTests.expectDone(harness)
    try await Expect.expect(Self.records(6000), in: broker, target)
    await harness.stop()
  }

  @Test("So low that one record takes longer than a transaction may, it times out no transaction", .broker())
  func lowest() async throws {
    let broker = try await Broker.require()
    let records = (0..<3).map { TestRecord(plain: Int64($0), size: 5000) }
    let timeout = Duration.seconds(4)
    let (harness, target) = try await Self.harness(
      broker, records, bytesPerSecond: 1000, TransactionBounds(interval: .milliseconds(200), timeout: timeout))
    let begin = ContinuousClock.now
    harness.want(.lanes)
    try await harness.finish()
    RestoreEngineTests.expectDone(harness)
    #expect(ContinuousClock.now - begin > timeout * 2)
    #expect(harness.now.waits == [], "a transaction was begun again")
    try await Expect.expect(records, in: broker, target)
    #expect(try await harness.verify().verdict == .digestsMatch)
    await harness.stop()
  }
}

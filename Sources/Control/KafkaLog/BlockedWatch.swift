import ControlPlane
import ControlTopics
import Kafka
import Threads

/// Looks, on a thread of its own, whether somebody's open transaction hides the tail of a control topic.
final class BlockedWatch: Sendable {
  private struct State {
    var found: BlockedPartition?
    var suspects: [ControlTopic: Suspect] = [:]
    var isLooking = false
    var isClosed = false
  }

  private struct Suspect {
    var lastStable: Int64
    var since: ContinuousClock.Instant
  }

  /// For one question to a broker: it bounds how long a look outlives the term.
  private static let patience = Duration.seconds(3)
  /// A look takes some milliseconds when all is well.
  private static let wait = Duration.milliseconds(500)

  private let settings: KafkaLogSettings
  private let admin: Admin
  private let state = Locked(State())
  private let looked = Doorbell()

  init(_ settings: KafkaLogSettings, _ admin: Admin) {
    self.settings = settings
    self.admin = admin
  }

  /// Begins a look unless one is under way, waits for it a moment, and returns what the last one found.
  func look() async -> BlockedPartition? {
    let begins = state.withLock { state in
      if state.isLooking || state.isClosed { return false }
      state.isLooking = true
      return true
    }
    if begins {
      do { try NamedThread.start("thaw-blocked") { [self] in lookNow() } } catch {
        // Without a thread nothing is known, as without a broker; the next look may have one.
        state.withLock { $0.isLooking = false }
      }
    }
    await looked.wait(atMost: Self.wait)
    return state.withLock { $0.found }
  }

  func close() { state.withLock { $0.isClosed = true } }

  private func lookNow() {
    var found: BlockedPartition?
    for topic in ControlTopic.allCases where found == nil && !state.withLock({ $0.isClosed }) {
      found = blocked(topic)
    }
    state.withLock { state in
      state.found = found
      state.isLooking = false
    }
    looked.ring()
  }

  /// Seen at the same offset for three seconds. Markers of our own last transaction may lag for some milliseconds.
  private func blocked(_ topic: ControlTopic) -> BlockedPartition? {
    let partition = settings.partition(topic)
    let found = try? (
      admin.watermarks(of: partition, isolation: .readCommitted, timeout: Self.patience).high,
      admin.watermarks(of: partition, isolation: .readUncommitted, timeout: Self.patience).high
    )
    return state.withLock { state in
      guard let (stable, end) = found, stable < end else {
        state.suspects[topic] = nil
        return nil
      }
      guard let suspect = state.suspects[topic], suspect.lastStable == stable else {
        state.suspects[topic] = Suspect(lastStable: stable, since: .now)
        return nil
      }
      guard ContinuousClock.now - suspect.since >= .seconds(3) else { return nil }
      return BlockedPartition(topic: topic, lastStableOffset: stable, endOffset: end)
    }
  }
}

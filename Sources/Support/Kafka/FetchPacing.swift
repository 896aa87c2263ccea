import CLibrdkafka
import Glibc
import Threads

/// Notices a broker that answers every fetch at once, empty or not, instead of holding it back for `fetch.wait.max.ms`: librdkafka then
/// fetches as fast as it can, which costs both sides a core each while there is nothing to read.
final class FetchPacing: ClientContext, @unchecked Sendable {
  private struct State {
    var fetches: Int64 = 0
    var records: Int64 = 0
    var recordsBefore: Int64 = 0
    var isNeeded = false
  }

  static let interval: Int64 = 500
  /// Fetches without a record in one interval; a broker that holds them back gets five.
  private static let tooMany: Int64 = 60

  private let state = Locked(State())

  var isNeeded: Bool { state.withLock { $0.isNeeded } }

  func delivered(_ records: Int) { state.withLock { $0.records += Int64(records) } }

  /// librdkafka's statistics (its STATISTICS.md), once an interval.
  func take(statistics json: UnsafeRawBufferPointer) {
    let fetches = Self.fetchRequests(in: json)
    state.withLock { state in
      if state.records == state.recordsBefore, fetches - state.fetches > Self.tooMany { state.isNeeded = true }
      state.fetches = fetches
      state.recordsBefore = state.records
    }
  }

  /// The sum of `"Fetch": n` over all brokers.
  static func fetchRequests(in json: UnsafeRawBufferPointer) -> Int64 {
    let name = Array("\"Fetch\":".utf8)
    var (sum, index): (Int64, Int) = (0, 0)
    while index + name.count < json.count {
      guard json[index] == name[0], json[index..<(index + name.count)].elementsEqual(name) else {
        index += 1
        continue
      }
      index += name.count
      var number: Int64 = 0
      while index < json.count, json[index] == UInt8(ascii: " ") { index += 1 }
      while index < json.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(json[index]) {
        number = number &* 10 &+ Int64(json[index] - UInt8(ascii: "0"))
        index += 1
      }
      sum &+= number
    }
    return sum
  }
}

/// Reading at the end of partitions on a broker that needs pacing: instead of fetching, the ends are asked for some times a second, and
/// fetching goes on when one has moved. Belongs to the polling thread.
struct IdleWatch {
  private var ends: [TopicPartition: Int64] = [:]
  private var paused: Set<TopicPartition> = []

  mutating func reachedEnd(of partition: TopicPartition, at offset: Int64) { ends[partition] = offset }

  mutating func gotRecords() { ends = [:] }

  /// True when nothing came to any of them within `time`: there is nothing to poll for. False at once unless all are at their ends.
  mutating func sleeps(
    on partitions: Set<TopicPartition>, _ client: OpaquePointer, atMost time: Duration
  ) -> Bool {
    guard !partitions.isEmpty, partitions.allSatisfy({ ends[$0] != nil }) else {
      resume(client)
      return false
    }
    let deadline = Deadline(time)
    pause(partitions, client)
    while !deadline.isOver {
      usleep(UInt32(min(25, max(1, deadline.remaining.milliseconds))) * 1000)
      guard partitions.contains(where: { hasMoved($0, client) }) else { continue }
      resume(client)
      ends = [:]
      wake(client, partitions)
      return false
    }
    return true
  }

  /// librdkafka's main thread lifts the pause, and its broker thread looks again only when something wakes it, or after a second: a
  /// request does, sent after the pause is lifted, which takes it some microseconds, and longer on a busy machine.
  private func wake(_ client: OpaquePointer, _ partitions: Set<TopicPartition>) {
    for microseconds: UInt32 in [500, 2000, 5000] {
      usleep(microseconds)
      if let any = partitions.first { _ = end(of: any, client) }
    }
  }

  private mutating func pause(_ partitions: Set<TopicPartition>, _ client: OpaquePointer) {
    guard paused != partitions else { return }
    resume(client)
    let list = PartitionList(partitions)
    rd_kafka_pause_partitions(client, list.pointer)
    paused = partitions
  }

  private mutating func resume(_ client: OpaquePointer) {
    guard !paused.isEmpty else { return }
    let list = PartitionList(paused)
    rd_kafka_resume_partitions(client, list.pointer)
    paused = []
  }

  private func hasMoved(_ partition: TopicPartition, _ client: OpaquePointer) -> Bool {
    guard let end = end(of: partition, client) else { return false }
    return end != ends[partition]
  }

  /// As this client's isolation level sees it; nil when the broker doesn't answer.
  private func end(of partition: TopicPartition, _ client: OpaquePointer) -> Int64? {
    // `rd_kafka_query_watermark_offsets` (2.0.2) would hold this thread, and whoever waits for its end, until a dead broker comes back.
    let list = PartitionList([partition], offset: Int64(RD_KAFKA_OFFSET_END))
    guard rd_kafka_offsets_for_times(client, list.pointer, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR,
      let found = list.elements.first, found.error == RD_KAFKA_RESP_ERR_NO_ERROR
    else { return nil }
    return found.offset
  }
}

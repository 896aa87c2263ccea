import ColdStorage
import Kafka
import RestoreModel

/// The committed records of one partition of the target between two offsets.
final class TargetStream: FingerprintStream {
  private let consumer: Consumer
  private let control: WorkControl
  private let digester: MessageDigester
  private let partition: TopicPartition
  private let last: Int64
  private let ignoresTimestamps: Bool
  private var ready: [Fingerprint] = []
  private var index = 0
  private var hasEnded: Bool

  init(
    _ partition: TopicPartition, from first: Int64, to last: Int64, _ configuration: KafkaConfiguration,
    _ control: WorkControl, ignoresTimestamps: Bool
  ) throws {
    consumer = try Consumer(configuration, isolation: .readCommitted)
    digester = try MessageDigester()
    self.control = control
    self.partition = partition
    self.last = last
    self.ignoresTimestamps = ignoresTimestamps
    hasEnded = first > last
    if !hasEnded { try consumer.start(partition, at: .offset(first)) }
  }

  func close() { consumer.close() }

  func next() throws -> Fingerprint? {
    var heard = ContinuousClock.now
    while index == ready.count {
      if hasEnded { return nil }
      try control.check()
      ready.removeAll(keepingCapacity: true)
      index = 0
      try read()
      if !ready.isEmpty { heard = .now }
      if ContinuousClock.now - heard > .seconds(60) {
        throw KafkaError(.timedOut, "\(partition) can't be read to its end: is a transaction open there?")
      }
    }
    defer { index += 1 }
    return ready[index]
  }

  private func read() throws {
    try consumer.forEachMessage(max: 10_000, timeout: .milliseconds(250)) { event in
      if case .endOfPartition(_, let offset) = event, offset > last { hasEnded = true }
    } record: { message in
      if message.offset >= last { hasEnded = true }
      guard message.offset <= last else { return }
      let digest = try digester.digest(message, timestamp: message.timestamp.milliseconds)
      ready.append(
        Fingerprint(
          content: .init(timestamps: ignoresTimestamps ? .empty : digest.timestamps, rest: digest.rest),
          offset: message.offset, key: message.key.map { Digest(ofRecord: $0) }, isTombstone: message.value == nil))
    }
  }
}

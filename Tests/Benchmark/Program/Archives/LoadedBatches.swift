import ColdStorage
import Kafka
import KafkaProtocol
import Threads

/// All batches of an archive in memory as they are stored: what sending them on costs when nothing else is done.
final class LoadedBatches: @unchecked Sendable {
  private var batches: [(header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer)] = []
  private var slots: [RecordBuffer] = []
  private static let patience = Duration.seconds(120)

  init(_ archive: BenchArchive) throws {
    let reader = try archive.open().reader(0)
    while let batch = try reader.next() {
      let slot = try RecordBuffer(capacity: batch.bytes.count)
      try slot.append(batch.bytes)
      slots.append(slot)
      let (header, payload) = (slot.bytes[..<BatchSigner.headerSize], slot.bytes[BatchSigner.headerSize...])
      batches.append((UnsafeRawBufferPointer(rebasing: header), UnsafeRawBufferPointer(rebasing: payload)))
    }
  }

  /// A producer and a thread for each topic; transactions of a second.
  func send(to topics: [String], _ configuration: KafkaConfiguration) throws {
    let results = try Together.run(topics.count, "batches") { [self] number in
      try send(to: topics[number], configuration)
    }
    for result in results { try result.get() }
  }

  private func send(to topic: String, _ configuration: KafkaConfiguration) throws {
    let producer = try BatchProducer(configuration, transactionalID: "batches-\(topic)", slots: 1)
    defer { producer.close() }
    try producer.initTransactions(timeout: Self.patience)
    let target = producer.target(TopicPartition(topic, 0))
    try producer.begin()
    var next = ContinuousClock.now + .seconds(1)
    for batch in batches {
      // All lie where they are until the end, so that one slot will do.
      while try producer.produce(to: target, slot: 0, header: batch.header, payload: batch.payload) == .full {
        try producer.poll(timeout: .milliseconds(100))
      }
      try producer.poll()
      guard ContinuousClock.now >= next else { continue }
      try commit(producer)
      try producer.begin()
      next = .now + .seconds(1)
    }
    try commit(producer)
  }

  private func commit(_ producer: BatchProducer) throws {
    try producer.drain(timeout: Self.patience)
    try producer.commit(timeout: Self.patience)
  }
}

/// Threads side by side.
enum Together {
  /// Returns when every one has ended.
  static func run<Value: Sendable>(
    _ count: Int, _ name: String, _ body: @escaping @Sendable (Int) throws -> Value
  ) throws -> [Result<Value, any Error>] {
    let ended = Monitor<[Int: Result<Value, any Error>]>([:])
    for number in 0..<count {
      do {
        try NamedThread.start("\(name)-\(number)") {
          let result = Result { try body(number) }
          ended.change { $0[number] = result }
        }
      } catch {
        ended.change { $0[number] = .failure(error) }
      }
    }
    return ended.wait { ended in ended.count == count ? (0..<count).compactMap { ended[$0] } : nil } ?? []
  }
}

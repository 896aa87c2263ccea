import CLibrdkafka
import Threads

/// An idempotent producer for single records from asynchronous code: `send` returns when the broker has acknowledged.
///
/// A thread of its own serves the delivery reports and owns the handle: it flushes and destroys it at the end.
package final class Producer: Sendable {
  private let context: ProducerContext
  private let client: ClientHandle

  /// - Parameter deliveryTimeout: how long a record may wait for its acknowledgement, retries included.
  package init(_ configuration: KafkaConfiguration, deliveryTimeout: Duration = .seconds(30)) throws {
    context = ProducerContext(
      configuration.with(
        defaults: ["linger.ms": "1", "message.timeout.ms": "\(max(1, deliveryTimeout.milliseconds))"],
        forced: ["enable.idempotence": "true"]))
    client = try ClientHandle(.producer, context: context) { conf in
      rd_kafka_conf_set_dr_msg_cb(conf) { _, message, opaque in
        guard let message else { return }
        ProducerContext.from(opaque)?.report(message.pointee)
      }
    }
    let (client, context) = (client, context)
    try NamedThread.start("kafka-producer") { context.serve(client) }
  }

  deinit { context.stop(client, flushing: .zero) }

  package func send(_ record: OutgoingRecord) async throws -> RecordPosition {
    let (client, context) = (client, context)
    return try await withCheckedThrowingContinuation { continuation in
      context.send(record, through: client) { continuation.resume(with: $0) }
    }
  }

  /// Sends many at once, in order within each partition, holding back while librdkafka's queue is full. Throws the first failure;
  /// the others may have arrived all the same.
  package func send(_ records: [OutgoingRecord]) async throws -> [RecordPosition] {
    var positions: [RecordPosition] = []
    positions.reserveCapacity(records.count)
    var rest = records[...]
    while !rest.isEmpty {
      positions += try await sendBlock(rest.prefix(Self.block)).map { try $0.get() }
      rest = rest.dropFirst(Self.block)
    }
    return positions
  }

  /// The same with each record's own result: what one fails in says nothing of the others.
  package func sendEach(_ records: [OutgoingRecord]) async -> [Result<RecordPosition, KafkaError>] {
    var results: [Result<RecordPosition, KafkaError>] = []
    results.reserveCapacity(records.count)
    var rest = records[...]
    while !rest.isEmpty {
      results += await sendBlock(rest.prefix(Self.block))
      rest = rest.dropFirst(Self.block)
    }
    return results
  }

  private func sendBlock(_ block: ArraySlice<OutgoingRecord>) async -> [Result<RecordPosition, KafkaError>] {
    let (client, context) = (client, context)
    return await withCheckedContinuation { continuation in
      let gathering = Gathering(count: block.count) { continuation.resume(returning: $0) }
      for (index, record) in block.enumerated() {
        context.send(record, through: client) { gathering.put($0, at: index) }
      }
    }
  }

  /// Below librdkafka's default `queue.buffering.max.messages` of 100,000.
  private static let block = 10_000

  /// Waits for what is on its way, at most `timeout`, gives the rest up, and ends. Nothing may be sent afterwards.
  package func close(timeout: Duration = .seconds(10)) async {
    let (client, context) = (client, context)
    await withCheckedContinuation { continuation in
      context.whenEnded { continuation.resume() }
      context.stop(client, flushing: timeout)
    }
  }
}

/// The results of a block of records, handed on when the last one is known.
private final class Gathering: Sendable {
  private struct State {
    var results: [Result<RecordPosition, KafkaError>?]
    var missing: Int
  }

  private let state: Locked<State>
  private let done: @Sendable ([Result<RecordPosition, KafkaError>]) -> Void

  init(count: Int, _ done: @escaping @Sendable ([Result<RecordPosition, KafkaError>]) -> Void) {
    state = Locked(State(results: Array(repeating: nil, count: count), missing: count))
    self.done = done
  }

  func put(_ result: Result<RecordPosition, KafkaError>, at index: Int) {
    let results = state.withLock { state in
      state.results[index] = result
      state.missing -= 1
      return state.missing == 0 ? state.results.compactMap { $0 } : nil
    }
    if let results { done(results) }
  }
}

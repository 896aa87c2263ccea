import CLibrdkafka
import Glibc

// Through a consumer's own calls and not through those for administrators (ListConsumerGroupOffsets, AlterConsumerGroupOffsets):
// when such a request has timed out and its coordinator answers after all, or is no coordinator any more, librdkafka ends the process (an
// assertion in `rd_kafka_enq_once_del_source_return`, its issues 4605 and 3663; a null group, its issue 5040). A broker's restart suffices.
extension Admin {
  /// The positions that a group has committed for these partitions; a partition without one is absent.
  ///
  /// Stable ones only (KIP-447): while a transaction with positions of the group is open, or its outcome not yet applied, they are
  /// asked for again until `timeout`, and then `.unstableOffsetCommit` is thrown.
  package func committedPositions(
    of group: String, partitions: [TopicPartition], timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
    guard !partitions.isEmpty else { return [:] }
    let deadline = Deadline(timeout)
    while true {
      do {
        return try positions(of: partitions, through: client(ofGroup: group), timeout: deadline.remaining)
      } catch {
        switch error.code {
        case .timedOut, .unstableOffsetCommit: throw try explain(error, group, partitions)
        case _ where Self.passing.contains(error.code) && !deadline.isOver: usleep(50_000)
        default: throw error
        }
      }
    }
  }

  static var passing: [KafkaError.Code] {
    [.coordinatorLoading, .coordinatorNotAvailable, .notCoordinator, .waitingForCoordinator, .transport]
  }

  private func positions(
    of partitions: [TopicPartition], through client: ClientHandle, timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
    let list = PartitionList(partitions)
    try client.call { rd_kafka_committed($0, list.pointer, max(1, timeout.milliseconds)) }
    var found: [TopicPartition: CommittedPosition] = [:]
    for element in list.elements {
      try client.check(element.error)
      guard element.offset >= 0 else { continue }
      found[element.partition] = CommittedPosition(offset: element.offset, metadata: element.metadata)
    }
    return found
  }

  /// Whether positions were withheld or nobody answered: unstable ones are given at once to whom that is good enough.
  private func explain(
    _ error: KafkaError, _ group: String, _ partitions: [TopicPartition]
  ) throws(KafkaError) -> KafkaError {
    if error.code == .timedOut, let refusal = try refusal(of: group) { return refusal }
    let hasty = try makeClient(.readUncommitted, group: group)
    defer { hasty.close() }
    do { _ = try positions(of: partitions, through: hasty, timeout: .seconds(2)) } catch { return error }
    let names = partitions.prefix(5).map(\.description).joined(separator: ", ")
    return client.error(
      RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
      "the positions of group \(group) in \(names) are not stable: a transaction with them is open")
  }

  /// Why the group's coordinator isn't told, if that is refused: librdkafka searches on for ever, and says so only to whoever polls.
  private func refusal(of group: String) throws(KafkaError) -> KafkaError? {
    let client = try client(ofGroup: group)
    return try client.use { handle throws(KafkaError) -> KafkaError? in
      while let message = rd_kafka_consumer_poll(handle, 10) {
        defer { rd_kafka_message_destroy(message) }
        let code = message.pointee.err
        if code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED { return KafkaError(code) }
      }
      return nil
    }
  }

  /// Commits positions of a group without members. Nothing fences such a commit: use it where no transaction can.
  package func commit(
    _ positions: [TopicPartition: CommittedPosition], toMemberlessGroup group: String, timeout: Duration
  ) throws(KafkaError) {
    guard !positions.isEmpty else { return }
    let deadline = Deadline(timeout)
    while true {
      do {
        return try commit(positions, through: client(ofGroup: group), timeout: deadline.remaining)
      } catch  where Self.passing.contains(error.code) && !deadline.isOver {
        usleep(50_000)
      }
    }
  }

  private func commit(
    _ positions: [TopicPartition: CommittedPosition], through client: ClientHandle, timeout: Duration
  ) throws(KafkaError) {
    let list = PartitionList(positions)
    let reply = try client.use { handle throws(KafkaError) -> AdminReply in
      guard let queue = rd_kafka_queue_new(handle) else { throw KafkaError(.failed, "out of memory") }
      defer { rd_kafka_queue_destroy(queue) }
      try client.check(rd_kafka_commit_queue(handle, list.pointer, queue, nil, nil))
      guard let event = rd_kafka_queue_poll(queue, max(1, timeout.milliseconds)) else {
        throw client.error(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer to a commit of positions")
      }
      return AdminReply(event: event)
    }
    try client.check(rd_kafka_event_error(reply.event))
    for element in PartitionList.elements(of: rd_kafka_event_topic_partition_list(reply.event)) {
      try client.check(element.error)
    }
  }
}

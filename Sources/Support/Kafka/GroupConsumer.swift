import CLibrdkafka
import Threads

/// What a group member's poll brings, in the order in which it happened.
package enum GroupEvent: Sendable {
  /// A rebalance ended: `added` came newly to us; empty when only others moved. The generation is a new one either way, so
  /// group metadata must be captured again.
  case assigned(added: Set<TopicPartition>)
  /// Partitions that were ours until this poll, given up in order.
  case revoked(Set<TopicPartition>)
  /// Partitions that ceased to be ours some time ago: the session ended, or another took our place.
  case lost(Set<TopicPartition>)
  case consumed(ConsumerEvent)
}

/// A member of a consumer group (cooperative-sticky by default).
///
/// Made `membershipOnly`, partitions are paused from the moment they are assigned: the group decides who owns a partition, and
/// the owner reads it with a `Consumer` from the offset that it knows to be right.
///
/// Calls block. `poll` belongs to one thread and must be made at least every `max.poll.interval.ms` (five minutes by
/// default); the other calls may come from others.
package final class GroupConsumer: BlockingClient, @unchecked Sendable {
  package let group: String
  private let client: ClientHandle
  private let rebalances: Rebalances

  /// - Parameters:
  ///   - instanceID: `group.instance.id` of a static member (KIP-345), which comes back to its partitions without a rebalance. Its `close`
  ///     alone leaves nothing: `leave` first.
  package init(
    _ configuration: KafkaConfiguration, group: String, instanceID: String? = nil, membershipOnly: Bool = false
  ) throws(KafkaError) {
    var forced = [
      "group.id": group, "enable.auto.commit": "false", "enable.auto.offset.store": "false",
      "enable.partition.eof": "true",
    ]
    if let instanceID { forced["group.instance.id"] = instanceID }
    let defaults = [
      "partition.assignment.strategy": "cooperative-sticky", "isolation.level": Isolation.readCommitted.rawValue,
      "auto.offset.reset": membershipOnly ? "latest" : "error", "fetch.wait.max.ms": "100",
    ]
    let rebalances = Rebalances(
      configuration.with(defaults: defaults, forced: forced), pausing: membershipOnly)
    (self.group, self.rebalances) = (group, rebalances)
    client = try ClientHandle(.consumer, context: rebalances) { conf in
      rd_kafka_conf_set_rebalance_cb(conf) { client, code, partitions, opaque in
        guard let client, let partitions else { return }
        Rebalances.from(opaque)?.rebalance(client, code, partitions)
      }
    }
    rd_kafka_poll_set_consumer(client.pointer)
  }

  package func subscribe(to topics: [String]) throws(KafkaError) {
    let list = PartitionList(topics.map { TopicPartition($0, RD_KAFKA_PARTITION_UA) })
    try client.call { rd_kafka_subscribe($0, list.pointer) }
  }

  /// Waits up to `timeout` for something to happen, then takes at most `max` events that are there. A fatal error
  /// (`FENCED_INSTANCE_ID`: another process uses our instance id) comes as `.consumed(.failed)` with `isFatal`.
  package func poll(max: Int = 1000, timeout: Duration) throws -> [GroupEvent] {
    var events: [GroupEvent] = []
    var wait = timeout.milliseconds
    while events.count < max {
      let message = try client.use { client throws(KafkaError) in rd_kafka_consumer_poll(client, wait) }
      events += rebalances.take()
      guard let message else { break }
      defer { rd_kafka_message_destroy(message) }
      if let event = client.event(of: message.pointee) {
        events.append(.consumed(event))
      } else {
        let borrowed = BorrowedMessage(message: message)
        events.append(.consumed(.record(try borrowed.copied(topic: borrowed.topic))))
      }
      wait = 0
    }
    return events
  }

  /// The partitions that are ours as far as librdkafka knows.
  package func assignment() throws(KafkaError) -> Set<TopicPartition> {
    var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    try client.call { rd_kafka_assignment($0, &list) }
    guard let list else { return [] }
    return Set(PartitionList(owning: list).elements.map(\.partition))
  }

  /// True from the moment the assignment is known to be gone (session ended, fenced) until a poll has told so, and after `close`.
  package var isAssignmentLost: Bool {
    do { return try client.use { client throws(KafkaError) in rd_kafka_assignment_lost(client) != 0 } } catch {
      return true
    }
  }

  /// This member's identity in the present generation; it goes stale with the next rebalance.
  package func metadata() throws(KafkaError) -> ConsumerGroupMetadata {
    let pointer = try client.use { client throws(KafkaError) in rd_kafka_consumer_group_metadata(client) }
    guard let pointer else {
      throw KafkaError(.unknownGroup, "no metadata of group \(group)")
    }
    return ConsumerGroupMetadata(owning: pointer)
  }

  /// Commits as this member and waits for the answer: fails when the group knows us no more (`unknownMember`,
  /// `illegalGeneration`, `fencedInstanceID`).
  package func commit(_ positions: [TopicPartition: CommittedPosition]) throws(KafkaError) {
    let list = PartitionList(positions)
    try client.call { rd_kafka_commit($0, list.pointer, 0) }
    for element in list.elements where element.error != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw client.error(element.error)
    }
  }

  /// Goes on reading an assigned partition from `offset`.
  package func seek(_ partition: TopicPartition, to offset: Int64, timeout: Duration) throws(KafkaError) {
    let list = PartitionList([partition], offset: offset)
    try client.call { rd_kafka_seek_partitions($0, list.pointer, timeout.milliseconds) }
    for element in list.elements { try client.check(element.error) }
  }

  package func pause(_ partitions: some Sequence<TopicPartition>) throws(KafkaError) {
    let list = PartitionList(partitions)
    try client.call { rd_kafka_pause_partitions($0, list.pointer) }
  }

  package func resume(_ partitions: some Sequence<TopicPartition>) throws(KafkaError) {
    let list = PartitionList(partitions)
    try client.call { rd_kafka_resume_partitions($0, list.pointer) }
  }

  /// Leaves the group in order: unsubscribes and polls until the partitions are given back, at most `timeout`. A static member that
  /// closed without it would keep its partitions until the session ends.
  package func leave(timeout: Duration) throws -> [GroupEvent] {
    try client.call { rd_kafka_unsubscribe($0) }
    let deadline = Deadline(timeout)
    var events: [GroupEvent] = []
    while try !assignment().isEmpty, !deadline.isOver {
      events += try poll(timeout: min(deadline.remaining, .milliseconds(100)))
    }
    return events
  }

  /// Ends, once calls of other threads have returned, the membership (a static member's stays until its session ends unless it has left) and destroys the handle.
  package func close() {
    client.close { rd_kafka_consumer_close($0) }
  }

  /// Ends as a killed process would: the group hears nothing. For tests of what happens then.
  package func abandon() { client.close() }
}

/// Follows the group's rebalances within the polling thread's calls and keeps what there is to tell.
private final class Rebalances: ClientContext, @unchecked Sendable {
  private let events = Locked<[GroupEvent]>([])
  private let pausing: Bool

  init(_ configuration: KafkaConfiguration, pausing: Bool) {
    self.pausing = pausing
    super.init(configuration)
  }

  func take() -> [GroupEvent] {
    events.withLock { events in
      defer { events = [] }
      return events
    }
  }

  func rebalance(
    _ client: OpaquePointer, _ code: rd_kafka_resp_err_t,
    _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
  ) {
    let concerned = Set(PartitionList.elements(of: partitions).map(\.partition))
    let cooperative = rd_kafka_rebalance_protocol(client).map { String(cString: $0) == "COOPERATIVE" } ?? false
    switch code {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      note(cooperative ? rd_kafka_incremental_assign(client, partitions) : nil)
      if !cooperative { note(rd_kafka_assign(client, partitions)) }
      if pausing, !concerned.isEmpty { note(rd_kafka_pause_partitions(client, partitions)) }
      add(.assigned(added: concerned))
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      let lost = rd_kafka_assignment_lost(client) != 0
      add(lost ? .lost(concerned) : .revoked(concerned))
      note(cooperative ? rd_kafka_incremental_unassign(client, partitions) : nil)
      if !cooperative { note(rd_kafka_assign(client, nil)) }
    default:
      add(.lost(concerned))
      note(code)
      note(rd_kafka_assign(client, nil))
    }
    rd_kafka_yield(client)  // the poll under way returns, so that its caller hears of it now
  }

  private func note(_ error: OpaquePointer?) {
    if let error { add(.consumed(.failed(nil, explain(KafkaError(consuming: error))))) }
  }

  private func note(_ code: rd_kafka_resp_err_t) {
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { add(.consumed(.failed(nil, explain(KafkaError(code))))) }
  }

  private func add(_ event: GroupEvent) { events.withLock { $0.append(event) } }
}

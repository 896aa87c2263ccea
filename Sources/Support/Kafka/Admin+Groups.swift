import CLibrdkafka
import Glibc

extension Admin {
  /// The positions that a group has committed for these partitions; a partition without one is absent.
  ///
  /// Stable ones only (KIP-447): while a transaction with positions of the group is open, or its outcome not yet applied, the broker
  /// answers `UNSTABLE_OFFSET_COMMIT` and this asks again until `timeout`. The partitions are always named: with none
  /// named, librdkafka 2.0.2 silently returns the old ones meanwhile.
  package func committedPositions(
    of group: String, partitions: [TopicPartition], timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
    guard !partitions.isEmpty else { return [:] }
    let deadline = Deadline(timeout)
    var found: [TopicPartition: CommittedPosition] = [:]
    var open = partitions
    var isUnstable = false
    while true {
      do {
        let elements = try askingCoordinator(timeout: deadline.remaining) { timeout throws(KafkaError) in
          try fetchPositions(of: group, open, timeout: timeout)
        }
        (found, open) = try sort(elements, into: found)
      } catch  where error.code == .timedOut && isUnstable {
        throw unstable(group, open)  // the last try had too little time to say more
      }
      if open.isEmpty { return found }
      isUnstable = true
      if deadline.isOver { throw unstable(group, open) }
      usleep(20_000)
    }
  }

  private func unstable(_ group: String, _ partitions: [TopicPartition]) -> KafkaError {
    let names = partitions.map(\.description).joined(separator: ", ")
    return client.error(
      RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
      "the positions of group \(group) in \(names) are not stable: a transaction with them is open")
  }

  /// Makes a request that a group's coordinator answers, again and again while there is none.
  ///
  /// After three "coordinator not available" librdkafka 2.0.2 forgets such a request and lets it time out. Hence several attempts, each
  /// of twice the time of the last. The request must bear being repeated.
  private func askingCoordinator<Reply>(
    timeout: Duration, _ attempt: (Duration) throws(KafkaError) -> Reply
  ) throws(KafkaError) -> Reply {
    let deadline = Deadline(timeout)
    var patience = Duration.seconds(2)
    while true {
      do {
        return try attempt(min(patience, deadline.remaining))
      } catch  where Self.passing.contains(error.code) && !deadline.isOver {
        usleep(50_000)
        patience = patience * 2
      }
    }
  }

  private static var passing: [KafkaError.Code] {
    [.timedOut, .coordinatorLoading, .coordinatorNotAvailable, .notCoordinator]
  }

  /// Adds what is known to `found`; the rest is not stable yet.
  private func sort(
    _ elements: [PartitionList.Element], into found: [TopicPartition: CommittedPosition]
  ) throws(KafkaError) -> ([TopicPartition: CommittedPosition], [TopicPartition]) {
    var (found, open) = (found, [TopicPartition]())
    for element in elements {
      switch element.error {
      case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT: open.append(element.partition)
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        guard element.offset >= 0 else { continue }
        found[element.partition] = CommittedPosition(offset: element.offset, metadata: element.metadata)
      default: throw client.error(element.error)
      }
    }
    return (found, open)
  }

  private func fetchPositions(
    of group: String, _ partitions: [TopicPartition], timeout: Duration
  ) throws(KafkaError) -> [PartitionList.Element] {
    let list = PartitionList(partitions)
    guard let object = rd_kafka_ListConsumerGroupOffsets_new(group, list.pointer) else {
      throw KafkaError(.failed, "out of memory")
    }
    let objects = AdminObjects([object]) { rd_kafka_ListConsumerGroupOffsets_destroy($0) }
    let reply = try request(
      RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, through: client(ofGroup: group), timeout: timeout,
      options: { rd_kafka_AdminOptions_set_require_stable_offsets($0, 1) }
    ) { rd_kafka_ListConsumerGroupOffsets($0, objects.pointers, objects.count, $1, $2) }
    var count = 0
    let result = rd_kafka_event_ListConsumerGroupOffsets_result(reply.event)
    return try partitionResults(rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count), count)
  }

  /// Commits positions of a group without members. Nothing fences such a commit: use it where no transaction can.
  package func commit(
    _ positions: [TopicPartition: CommittedPosition], toMemberlessGroup group: String, timeout: Duration
  ) throws(KafkaError) {
    guard !positions.isEmpty else { return }
    try askingCoordinator(timeout: timeout) { timeout throws(KafkaError) in
      try alterPositions(positions, of: group, timeout: timeout)
    }
  }

  private func alterPositions(
    _ positions: [TopicPartition: CommittedPosition], of group: String, timeout: Duration
  ) throws(KafkaError) {
    let list = PartitionList(positions)
    guard let object = rd_kafka_AlterConsumerGroupOffsets_new(group, list.pointer) else {
      throw KafkaError(.failed, "out of memory")
    }
    let objects = AdminObjects([object]) { rd_kafka_AlterConsumerGroupOffsets_destroy($0) }
    let reply = try request(
      RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, through: client(ofGroup: group), timeout: timeout
    ) {
      rd_kafka_AlterConsumerGroupOffsets($0, objects.pointers, objects.count, $1, $2)
    }
    var count = 0
    let result = rd_kafka_event_AlterConsumerGroupOffsets_result(reply.event)
    for element in try partitionResults(rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &count), count) {
      try client.check(element.error)
    }
  }

  private func partitionResults(
    _ groups: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int
  ) throws(KafkaError) -> [PartitionList.Element] {
    var elements: [PartitionList.Element] = []
    for case .some(let group) in UnsafeBufferPointer(start: groups, count: count) {
      try check(groupError: rd_kafka_group_result_error(group))
      elements += PartitionList.elements(of: rd_kafka_group_result_partitions(group))
    }
    return elements
  }

  /// An error that stays its result's.
  private func check(groupError error: OpaquePointer?) throws(KafkaError) {
    guard let error else { return }
    throw client.error(rd_kafka_error_code(error), rd_kafka_error_string(error).map { String(cString: $0) })
  }

  /// The ids of all consumer groups that the brokers let us see.
  package func listGroups(timeout: Duration) throws(KafkaError) -> [String] {
    let reply = try request(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, timeout: timeout) {
      rd_kafka_ListConsumerGroups($0, $1, $2)
    }
    let result = rd_kafka_event_ListConsumerGroups_result(reply.event)
    var count = 0
    if let errors = rd_kafka_ListConsumerGroups_result_errors(result, &count), count > 0 {
      try check(groupError: errors[0])
    }
    guard let groups = rd_kafka_ListConsumerGroups_result_valid(result, &count) else { return [] }
    return UnsafeBufferPointer(start: groups, count: count)
      .compactMap { $0.flatMap(rd_kafka_ConsumerGroupListing_group_id).map { String(cString: $0) } }.sorted()
  }

  /// Deletes a group that has no members, positions included. One that doesn't exist is `.groupIDNotFound`.
  package func deleteGroup(_ group: String, timeout: Duration) throws(KafkaError) {
    var isRepeated = false
    try askingCoordinator(timeout: timeout) { timeout throws(KafkaError) in
      defer { isRepeated = true }
      do throws(KafkaError) {
        try deleteOnce(group, timeout: timeout)
      } catch {
        guard isRepeated, error.code == .groupIDNotFound else { throw error }
      }
    }
  }

  private func deleteOnce(_ group: String, timeout: Duration) throws(KafkaError) {
    guard let object = rd_kafka_DeleteGroup_new(group) else { throw KafkaError(.failed, "out of memory") }
    let objects = AdminObjects([object]) { rd_kafka_DeleteGroup_destroy($0) }
    let reply = try request(RD_KAFKA_ADMIN_OP_DELETEGROUPS, timeout: timeout) {
      rd_kafka_DeleteGroups($0, objects.pointers, objects.count, $1, $2)
    }
    var count = 0
    let results = rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(reply.event), &count)
    for case .some(let result) in UnsafeBufferPointer(start: results, count: count) {
      try check(groupError: rd_kafka_group_result_error(result))
    }
  }
}

import CLibrdkafka
import Glibc

extension Admin {
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

  /// Deletes a group that has no members, positions included. One that doesn't exist is `.groupIDNotFound`. While there is no coordinator
  /// librdkafka may forget the request and let it time out; the group may be gone then all the same.
  package func deleteGroup(_ group: String, timeout: Duration) throws(KafkaError) {
    let deadline = Deadline(timeout)
    while true {
      do {
        return try deleteOnce(group, timeout: deadline.remaining)
      } catch  where Self.passing.contains(error.code) && !deadline.isOver {
        usleep(50_000)
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

import CLibrdkafka

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
}

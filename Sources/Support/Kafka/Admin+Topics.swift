import CLibrdkafka
import Glibc

/// A topic to be created.
package struct NewTopic: Sendable, Equatable {
  package var name: String
  package var partitions: Int32
  /// -1: the broker's default (KIP-464).
  package var replication: Int32
  package var configuration: [String: String]

  package init(_ name: String, partitions: Int32 = 1, replication: Int32 = -1, configuration: [String: String] = [:]) {
    self.name = name
    self.partitions = partitions
    self.replication = replication
    self.configuration = configuration
  }
}

extension Admin {
  /// Creates topics and waits until they are visible with a leader for each partition, to every broker that answers. Throws the first refusal;
  /// topics before and after it may exist by then. One that exists already is the error `.topicAlreadyExists`.
  package func createTopics(_ topics: [NewTopic], timeout: Duration) throws(KafkaError) {
    guard !topics.isEmpty else { return }
    let deadline = Deadline(timeout)
    try submit(topics, validateOnly: false, timeout: timeout)
    try wait(until: deadline, "the new topics are not visible yet") { cluster in
      topics.allSatisfy { topic in
        guard let seen = cluster.topics[topic.name], seen.partitionCount >= topic.partitions else { return false }
        return seen.partitions.allSatisfy { $0.leader >= 0 }
      }
    }
    try awaitSpread(of: topics.map(\.name), until: deadline)
  }

  /// Asks whether the topics would be created, and has none created. Throws the first refusal.
  package func validateTopics(_ topics: [NewTopic], timeout: Duration) throws(KafkaError) {
    try submit(topics, validateOnly: true, timeout: timeout)
  }

  private func submit(_ topics: [NewTopic], validateOnly: Bool, timeout: Duration) throws(KafkaError) {
    guard !topics.isEmpty else { return }
    var made: [OpaquePointer] = []
    do {
      for topic in topics { made.append(try Self.makeObject(topic)) }
    } catch {
      made.forEach(rd_kafka_NewTopic_destroy)
      throw error
    }
    let objects = AdminObjects(made) { rd_kafka_NewTopic_destroy($0) }
    let reply = try request(
      RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout: timeout,
      options: { options, complaint in
        rd_kafka_AdminOptions_set_validate_only(options, validateOnly ? 1 : 0, &complaint, complaint.count)
      }
    ) {
      rd_kafka_CreateTopics($0, objects.pointers, objects.count, $1, $2)
    }
    var count = 0
    try checkTopics(rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(reply.event), &count), count)
  }

  /// Deletes topics and waits until they are no longer listed. One that doesn't exist is `.unknownTopicOrPartition`.
  package func deleteTopics(_ names: [String], timeout: Duration) throws(KafkaError) {
    guard !names.isEmpty else { return }
    let deadline = Deadline(timeout)
    let objects = AdminObjects(names.compactMap { rd_kafka_DeleteTopic_new($0) }) { rd_kafka_DeleteTopic_destroy($0) }
    let reply = try request(RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout: timeout) {
      rd_kafka_DeleteTopics($0, objects.pointers, objects.count, $1, $2)
    }
    var count = 0
    try checkTopics(rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(reply.event), &count), count)
    try wait(until: deadline, "the deleted topics are still listed") { cluster in
      names.allSatisfy { cluster.topics[$0] == nil }
    }
  }

  private static func makeObject(_ topic: NewTopic) throws(KafkaError) -> OpaquePointer {
    var text = [CChar](repeating: 0, count: 256)
    guard
      let object = rd_kafka_NewTopic_new(topic.name, topic.partitions, topic.replication, &text, text.count)
    else { throw KafkaError(.invalidArgument, "topic \(topic.name): \(string(text))") }
    for (name, value) in topic.configuration.sorted(by: { $0.key < $1.key }) {
      let code = rd_kafka_NewTopic_set_config(object, name, value)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
        rd_kafka_NewTopic_destroy(object)
        throw KafkaError(code, "topic \(topic.name), configuration '\(name)'")
      }
    }
    return object
  }

  private func checkTopics(_ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int) throws(KafkaError) {
    for case .some(let result) in UnsafeBufferPointer(start: results, count: count) {
      let code = rd_kafka_topic_result_error(result)
      guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
      let name = rd_kafka_topic_result_name(result).map { String(cString: $0) } ?? "?"
      let text = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
      throw client.error(code, "topic \(name): \(text ?? KafkaError.Code(code).sentence)")
    }
  }

  /// CreateTopics and DeleteTopics return before every broker knows.
  private func wait(
    until deadline: Deadline, _ complaint: String, _ condition: (ClusterDescription) -> Bool
  ) throws(KafkaError) {
    while true {
      if condition(try describeCluster(timeout: max(deadline.remaining, .milliseconds(100)))) { return }
      guard !deadline.isOver else { throw client.error(RD_KAFKA_RESP_ERR__TIMED_OUT, complaint) }
      usleep(20_000)
    }
  }
}

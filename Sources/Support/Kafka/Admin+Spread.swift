import CLibrdkafka
import Glibc

extension Admin {
  /// What a broker says of some topics.
  private enum Knowledge {
    case all
    case notAll
    /// It did not answer.
    case silence
  }

  /// Waits until every broker of the cluster knows the topics. A broker that knows one later than another makes clients doubt: a producer of
  /// librdkafka's that has the topic from one of them gives its records up (`_UNKNOWN_PARTITION`) when the other has never heard of it.
  ///
  /// A broker that does not answer, dead or stopped, is waited for only a while: no client learns anything from it either.
  func awaitSpread(of topics: [String], until deadline: Deadline) throws(KafkaError) {
    let patience = Deadline(min(deadline.remaining, Self.patienceWithSilence))
    while true {
      let brokers = try describeCluster(timeout: max(deadline.remaining, .milliseconds(100))).brokers
      // It has just told of them.
      guard brokers.count > 1 else { return }
      var answers: [Knowledge] = []
      for broker in brokers { answers.append(try knowledge(of: topics, at: broker.id)) }
      let isSilent = answers.contains(.silence)
      if !answers.contains(.notAll), !isSilent || patience.isOver { return }
      guard !deadline.isOver else {
        throw client.error(RD_KAFKA_RESP_ERR__TIMED_OUT, "the new topics are not known to all brokers yet")
      }
      usleep(20_000)
    }
  }

  /// Longer than it takes a cluster to notice that a broker is dead (`broker.session.timeout.ms`, 9 s): then it is no longer listed.
  private static let patienceWithSilence = Duration.seconds(10)
  /// For one broker's answer. A dead one lets every question wait in vain.
  private static let patienceWithOne = Duration.seconds(2)

  /// DescribeConfigs is the one question about topics that librdkafka puts to a broker of our choice. One that refuses to tell does so whether it knows
  /// the topic or not, so that counts as knowing: the same holds at each of them, and no waiting mends it.
  private func knowledge(of topics: [String], at broker: Int32) throws(KafkaError) -> Knowledge {
    var made: [OpaquePointer] = []
    for topic in topics {
      do { made.append(try Self.makeObject(.topic(topic))) } catch {
        made.forEach(rd_kafka_ConfigResource_destroy)
        throw error
      }
    }
    let objects = AdminObjects(made) { rd_kafka_ConfigResource_destroy($0) }
    let reply: AdminReply
    do {
      reply = try request(
        RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout: Self.patienceWithOne,
        options: { options, complaint in
          rd_kafka_AdminOptions_set_broker(options, broker, &complaint, complaint.count)
        }
      ) { rd_kafka_DescribeConfigs($0, objects.pointers, objects.count, $1, $2) }
    } catch { return .silence }
    var count = 0
    let result = rd_kafka_event_DescribeConfigs_result(reply.event)
    let resources = rd_kafka_DescribeConfigs_result_resources(result, &count)
    let isUnknown = UnsafeBufferPointer(start: resources, count: count).contains { resource in
      resource.map(rd_kafka_ConfigResource_error) == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
    }
    return isUnknown ? .notAll : .all
  }
}

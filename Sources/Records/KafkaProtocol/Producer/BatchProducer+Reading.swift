package import Kafka

// What a lane asks of the cluster.
extension BatchProducer {
  /// Nil when the brokers tell none.
  package func clusterID(timeout: Duration) throws(KafkaError) -> String? {
    try ask("asking for the cluster's id", Metadata(topics: []), .anyBroker, until: .now + timeout) { _ in .fine }
      .clusterID
  }

  /// What the brokers are too old for, as one of them says; nil: they speak all that is needed (Kafka 2.5 and later do).
  package func obsolescence(timeout: Duration) throws(KafkaError) -> String? {
    do { _ = try clusterID(timeout: timeout) } catch {
      guard error.code == .unsupportedFeature else { throw error }
      return error.message
    }
    guard let connection = network.anyConnection(.now), let versions = connection.versions,
      let missing = API.allCases.first(where: { versions.version(of: $0) == nil })
    else { return nil }
    return "\(connection.address) speaks no version of \(missing) that this client does"
  }

  /// The partitions that these topics have; none of a topic that doesn't exist.
  package func partitions(of topics: [String], timeout: Duration) throws(KafkaError) -> [TopicPartition] {
    let what = "asking for partitions"
    let answer = try ask(what, Metadata(topics: topics), .anyBroker, until: .now + timeout) { answer in
      for topic in answer.topics {
        switch KafkaError.Code(topic.error) {
        case .none, .unknownTopicOrPartition, .leaderNotAvailable: continue
        default: return .failed(error(topic.error, "\(what) of \(topic.name)", isFatal: true))
        }
      }
      return .fine
    }
    let found = answer.topics.flatMap { topic in topic.partitions.map { TopicPartition(topic.name, $0.id) } }
    return found.sorted()
  }

  /// Those of the topics that, as the brokers say, the user may look at and not write to. Nothing is written to find out. Of a topic that isn't there, that may
  /// not be looked at, or whose brokers don't tell, nothing is said.
  package func unwritable(_ topics: [String], timeout: Duration) throws(KafkaError) -> [String] {
    let request = Metadata(topics: topics, includesOperations: true)
    let answer = try ask("asking what is allowed", request, .anyBroker, until: .now + timeout) { _ in .fine }
    // Who sees a topic may describe it: none at all is a broker that doesn't tell.
    return answer.topics.filter { topic in
      guard topic.error == 0, let operations = topic.operations, operations != 0 else { return false }
      return operations & Metadata.Topic.write == 0
    }.map(\.name).sorted()
  }

  /// The positions that a group has committed for these partitions, stable ones only (KIP-447); a partition without one is absent. While a transaction with
  /// positions of the group is open they are asked for again until `timeout`, and then `.unstableOffsetCommit` is thrown.
  package func positions(
    of partitions: [TopicPartition], group: String, timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition] {
    guard !partitions.isEmpty else { return [:] }
    let what = "fetching the positions of group \(group)"
    let request = OffsetFetch(group: group, partitions: partitions)
    let answer = try ask(what, request, .coordinator(.group, group), until: .now + timeout) { answer in
      for code in [answer.error] + answer.positions.values.map(\.error) where code != 0 {
        let passes = KafkaError.Code(code).mayPass || code == KafkaError.Code.unstableOffsetCommit
        let failure = error(code, what, isFatal: !passes, isRetriable: passes)
        return passes ? .again(failure) : .failed(failure)
      }
      return .fine
    }
    var found: [TopicPartition: CommittedPosition] = [:]
    for partition in partitions {
      guard let position = answer.positions[partition] else {
        throw KafkaError(.failed, "\(what): the answer lacks \(partition)", isFatal: true)
      }
      guard position.offset >= 0 else { continue }
      found[partition] = CommittedPosition(offset: position.offset, metadata: position.metadata)
    }
    return found
  }

  /// The offset behind the partition's last record, whether it is visible yet or not.
  package func end(of partition: TopicPartition, timeout: Duration) throws(KafkaError) -> Int64 {
    let what = "asking for the end of \(partition)"
    let answer = try ask(what, ListOffsets(endOf: partition), .leader(partition), until: .now + timeout) { answer in
      let code = answer.ends[partition]?.error ?? 13
      guard code != 0 else { return .fine }
      let known = KafkaError.Code(code)
      let passes = known.mayPass || known.asksForAnotherLeader
      if known.asksForAnotherLeader {
        setLeader(nil, of: partition)
        metadata.isWanted = true
      }
      let failure = error(code, what, isFatal: !passes, isRetriable: passes)
      return passes ? .again(failure) : .failed(failure)
    }
    return answer.ends[partition]?.offset ?? -1
  }
}

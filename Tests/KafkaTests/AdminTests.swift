import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("Administration")
struct AdminTests {
  private let patience = Duration.seconds(20)

  @Test("A topic is created as asked, described, changed and deleted", .broker(), arguments: BrokerKind.here())
  func topics(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let name = uniqueName("orders")
    let admin = try Admin(broker.configuration)
    try await admin.onThread { admin throws in
      defer { admin.close() }
      #expect(try admin.describeTopic(name, timeout: patience) == nil)
      let topic = NewTopic(name, partitions: 3, replication: 1, configuration: ["cleanup.policy": "compact"])
      try admin.createTopics([topic], timeout: patience)
      let seen = try #require(try admin.describeTopic(name, timeout: patience))
      #expect(seen.partitions.map(\.id) == [0, 1, 2])
      #expect(seen.replicationFactor == 1)
      let again = #expect(throws: KafkaError.self) { try admin.createTopics([topic], timeout: patience) }
      #expect(again?.code == .topicAlreadyExists)
      #expect(again?.message.contains(name) == true)

      let before = try admin.describeConfig(.topic(name), timeout: patience)
      #expect(before["cleanup.policy"]?.value == "compact")
      #expect(before["cleanup.policy"]?.isDefault == false)
      #expect(before["retention.ms"]?.isDefault == true)
      try admin.setConfig(ofTopic: name, ["retention.ms": "-1"], timeout: patience)
      let after = try admin.describeConfig(.topic(name), timeout: patience)
      #expect(after["retention.ms"]?.value == "-1")
      #expect(after["cleanup.policy"]?.value == "compact")
      try admin.setConfig(ofTopic: name, ["retention.ms": nil], timeout: patience)
      #expect(try admin.describeConfig(.topic(name), timeout: patience)["retention.ms"]?.isDefault == true)

      try admin.deleteTopics([name], timeout: patience)
      #expect(try admin.describeTopic(name, timeout: patience) == nil)
    }
  }

  @Test("A topic with settings that the broker refuses is not created", .broker(), arguments: BrokerKind.here())
  func badSettings(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let name = uniqueName("bad")
    let admin = try Admin(broker.configuration)
    try await admin.onThread { admin throws in
      defer { admin.close() }
      let error = #expect(throws: KafkaError.self) {
        try admin.createTopics(
          [NewTopic(name, replication: 1, configuration: ["retention.ms": "soon"])], timeout: patience)
      }
      #expect(error?.code == .invalidConfig)
      #expect(try admin.describeTopic(name, timeout: patience) == nil)
    }
  }

  @Test(
    "Asking for the configuration of a missing topic is an error and creates none", .broker(),
    arguments: BrokerKind.here())
  func missing(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let name = uniqueName("missing")
    let admin = try Admin(broker.configuration)
    try await admin.onThread { admin throws in
      defer { admin.close() }
      let error = #expect(throws: KafkaError.self) { try admin.describeConfig(.topic(name), timeout: patience) }
      #expect(error?.code == .unknownTopicOrPartition)
      #expect(try admin.describeTopic(name, timeout: patience) == nil)
    }
  }

  @Test("The cluster has brokers and an id", .broker(), arguments: BrokerKind.here())
  func cluster(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let admin = try Admin(broker.configuration)
    let cluster = try await admin.onThread { admin throws in
      defer { admin.close() }
      return try admin.describeCluster(timeout: patience)
    }
    #expect(cluster.brokers.map(\.port) == [Int32(broker.node.port)])
    #expect(cluster.clusterID?.isEmpty == false)
  }

  @Test(
    "Positions committed for a memberless group are found, listed, and deleted with it", .broker(),
    arguments: BrokerKind.here())
  func groups(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic(partitions: 2)
    let group = uniqueName("group")
    let admin = try Admin(broker.configuration)
    try await admin.onThread { admin throws in
      defer { admin.close() }
      let partitions = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
      #expect(try admin.committedPositions(of: group, partitions: partitions, timeout: patience) == [:])
      let text = CommittedPosition(offset: 42, metadata: "v1 count=42")
      try admin.commit([partitions[1]: text], toMemberlessGroup: group, timeout: patience)
      #expect(
        try admin.committedPositions(of: group, partitions: partitions, timeout: patience) == [partitions[1]: text])
      #expect(try admin.listGroups(timeout: patience).contains(group))
      try broker.deleteGroup(group)
      #expect(try admin.listGroups(timeout: patience).contains(group) == false)
    }
  }

  @Test("The first offset at or after a time is found", .broker(), arguments: BrokerKind.here())
  func offsetsForTimes(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let producer = try Producer(broker.configuration)
    for time in [1000, 2000, 3000] {
      _ = try await producer.send(OutgoingRecord(topic: topic, partition: 0, value: [], timestamp: Int64(time)))
    }
    await producer.close()
    let admin = try Admin(broker.configuration)
    try await admin.onThread { admin throws in
      defer { admin.close() }
      let partition = TopicPartition(topic, 0)
      #expect(try admin.offsets(atOrAfter: [partition: 1500], timeout: patience) == [partition: 1])
      #expect(try admin.offsets(atOrAfter: [partition: 3001], timeout: patience) == [:])
    }
  }
}

import ControlTopics
import KafkaLog
import Testing

@testable import Kafka

@Suite("Copies of the control topics")
struct ControlTopicCopiesTests {
  private func cluster(brokers: [Int32], replicas: [Int32], elsewhere: [Int32] = []) -> ClusterDescription {
    func topic(_ name: String, _ replicas: [Int32]) -> (String, ClusterDescription.Topic) {
      (
        name,
        .init(
          name: name, partitions: [.init(id: 0, leader: replicas.first ?? -1, replicas: replicas, inSync: replicas)])
      )
    }
    let topics = ControlTopic.allCases.map { topic("thaw.\($0.rawValue)", replicas) } + [topic("other", elsewhere)]
    return ClusterDescription(
      clusterID: nil, brokers: brokers.map { .init(id: $0, host: "h", port: 1) },
      topics: Dictionary(topics) { first, _ in first })
  }

  @Test("Fewer than wanted are told with both numbers; on a single broker there is nothing to tell")
  func warning() throws {
    #expect(CopiesWarning.of(cluster(brokers: [1, 2, 3], replicas: [1, 2, 3]), TopicNaming()) == nil)
    #expect(CopiesWarning.of(cluster(brokers: [1, 3], replicas: [1, 2, 3]), TopicNaming()) == nil)
    #expect(CopiesWarning.of(cluster(brokers: [1], replicas: [1], elsewhere: [1]), TopicNaming()) == nil)
    let two = try #require(CopiesWarning.of(cluster(brokers: [1, 3], replicas: [1, 3]), TopicNaming()))
    #expect(two.contains("thaw.commands, thaw.specs, thaw.status, thaw.events have 2 of 3 copies"))
    #expect(two.contains("brokers that answer: 1, 3"))
    let one = try #require(
      CopiesWarning.of(cluster(brokers: [1], replicas: [1], elsewhere: [1, 2]), TopicNaming()))
    #expect(one.contains("1 of 3 copies"))
  }
}

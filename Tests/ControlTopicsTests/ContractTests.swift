import ControlTopics
import JSON
import Testing
import YAML

@Suite("The contract in the program") struct ContractTests {
  @Test("It holds every file of the folder, as it is") func embedded() throws {
    let names = try Folder.topics.names()
    #expect(ContractFile.all.map(\.path) == names)
    for file in ContractFile.all { #expect(try file.bytes == Folder.topics.bytes(file.path), "\(file.path)") }
  }

  @Test("A topic's definition is the one that it is created by", arguments: ControlTopic.allCases)
  func definition(topic: ControlTopic) throws {
    let file = try #require(ContractFile.named("\(topic.rawValue).yaml"))
    let yaml = try #require(try YAMLStream.parse(file.text).first).value
    let definition = ControlTopicDefinition.of(topic)
    #expect(yaml["topic"]?.string == topic.rawValue)
    #expect(yaml["partitions"]?.int == Int64(definition.partitions))
    #expect(yaml["replication"]?["factor"]?.int == Int64(ControlTopicDefinition.replicationFactor(brokers: 9)))
    let written = (yaml["configuration"]?.object ?? [:]).map { "\($0.key)=\($0.value.string ?? $0.value.text())" }
    let created = definition.configuration(brokers: 1).map { "\($0.name)=\($0.value)" }
    #expect(written.sorted() == created.sorted())
    let minimum = try #require(yaml["replication"]?["minInsyncReplicas"]?.int)
    let three = definition.configuration(brokers: 3).map { "\($0.name)=\($0.value)" }
    #expect(Set(three).subtracting(created) == ["min.insync.replicas=\(minimum)"])
  }

  @Test("AsyncAPI names the same topics and settings", arguments: ControlTopic.allCases)
  func asyncAPI(topic: ControlTopic) throws {
    let file = try #require(ContractFile.named("asyncapi.yaml"))
    let yaml = try #require(try YAMLStream.parse(file.text).first).value
    let channel = try #require(yaml["channels"]?[topic.rawValue])
    #expect(channel["address"]?.string == TopicNaming().name(of: topic))
    let kafka = try #require(channel["bindings"]?["kafka"])
    #expect(kafka["partitions"]?.int == 1)
    let created = ControlTopicDefinition.of(topic).configuration(brokers: 3)
    let settings = try #require(kafka["topicConfiguration"]?.object)
    for (name, value) in settings {
      let text = value.string ?? value[0]?.string ?? value.text()
      #expect(created.contains { $0.name == name && $0.value == text }, "\(name)")
    }
  }

  @Test("A topic as it is created has no problems", arguments: ControlTopic.allCases, [1, 3])
  func created(topic: ControlTopic, brokers: Int) {
    let definition = ControlTopicDefinition.of(topic)
    let found = Dictionary(uniqueKeysWithValues: definition.configuration(brokers: brokers).map { ($0.name, $0.value) })
    #expect(definition.problems(configuration: found, partitions: 1) == [])
  }

  @Test("Wrong partitions, policy, size and clock are problems, each with its remedy") func wrong() {
    let problems = ControlTopicDefinition.of(.commands).problems(
      configuration: [
        "cleanup.policy": "compact", "max.message.bytes": "1000", "message.timestamp.type": "CreateTime",
      ], partitions: 3, naming: TopicNaming(prefix: "x."))
    #expect(problems.count == 4)
    #expect(problems[0].contains("x.commands has 3 partitions and must have exactly 1"))
    #expect(problems[1].contains("--entity-name x.commands --add-config cleanup.policy=delete"))
    #expect(problems[2].contains("max.message.bytes=1048576"))
    #expect(problems[3].contains("message.timestamp.type=LogAppendTime"))
    let expiring = ControlTopicDefinition.of(.specs).problems(
      configuration: ["cleanup.policy": "compact,delete"], partitions: 1)
    #expect(expiring.count == 1)
  }

  @Test("What an operator may choose is no problem") func choice() {
    let problems = ControlTopicDefinition.of(.events).problems(
      configuration: ["cleanup.policy": "delete", "retention.ms": "86400000", "max.message.bytes": "9000000"],
      partitions: 1)
    #expect(problems == [])
  }
}

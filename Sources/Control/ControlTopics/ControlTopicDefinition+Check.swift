extension ControlTopicDefinition {
  /// What makes a topic unusable, each with its remedy; empty when all is well. What an operator may choose (retention, replication) is no problem.
  ///
  /// - Parameters:
  ///   - configuration: as the cluster describes it; a setting that it doesn't name is not judged.
  ///   - partitions: how many it has.
  package func problems(
    configuration: [String: String], partitions found: Int, naming: TopicNaming = TopicNaming()
  ) -> [String] {
    let name = naming.name(of: topic)
    var problems: [String] = []
    if found != partitions {
      problems.append(
        "\(name) has \(found) partitions and must have exactly 1, for one order of all records; delete it if it holds nothing, or choose "
          + "another --topic-prefix, then run: thaw topics create")
    }
    func require(_ setting: String, _ value: String, _ why: String, isMet: (String) -> Bool) {
      guard let actual = configuration[setting], !isMet(actual) else { return }
      problems.append(
        "\(name) has \(setting)=\(actual) and must have \(value) (\(why)); run: kafka-configs.sh --alter --entity-type topics --entity-name \(name) "
          + "--add-config \(setting)=\(value)")
    }
    let why = cleanupPolicy == .compact ? "the state must never expire" : "a record must not replace another of its key"
    require("cleanup.policy", cleanupPolicy.rawValue, why) { $0 == cleanupPolicy.rawValue }
    require("max.message.bytes", String(maxMessageBytes), "decisions are bounded by it") {
      Int($0).map { $0 >= maxMessageBytes } ?? false
    }
    if topic == .commands {
      require("message.timestamp.type", "LogAppendTime", "a client's clock decides nothing") { $0 == "LogAppendTime" }
    }
    return problems
  }
}

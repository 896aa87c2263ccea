extension Validation {
  static func problems(of spec: RestoreSpec) -> [FieldProblem] {
    nameProblem(spec.source, "source", of: .storage)
      + nameProblem(spec.sink, "sink", of: .eventHub)
      + nameProblem(spec.sourceCredentials, "sourceCredentialsFrom.credentialsRef.name", of: .credentials)
      + nameProblem(spec.sinkCredentials, "sinkCredentialsFrom.credentialsRef.name", of: .credentials)
      + ClientProperties.problems(spec.sourceAdditionalProperties, "sourceAdditionalProps", namesCluster: false)
      + ClientProperties.problems(spec.sinkAdditionalProperties, "sinkAdditionalProps", namesCluster: false)
      + topicProblems(spec.config.topics) + configProblems(spec.config) + timeProblems(spec.config)
      + schemaProblems(spec.config)
  }

  private static func topicProblems(_ topics: [TopicMapping]) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    var firstIndex: [TopicName: Int] = [:]
    for (index, topic) in topics.enumerated() {
      let path = "config.topics[\(index)]"
      problems += legality(topic.source, "\(path).source") + legality(topic.target, "\(path).target")
      if let first = firstIndex[topic.target] {
        problems.append(
          FieldProblem("\(path).target", "\"\(topic.target)\" is already the target of topics[\(first)]"))
      } else {
        firstIndex[topic.target] = index
      }
      if let partitions = topic.partitions { problems += partitionProblems(partitions, "\(path).partitions") }
    }
    return problems
  }

  private static func legality(_ topic: TopicName, _ path: String) -> [FieldProblem] {
    if topic.isLegal { return [] }
    return [
      FieldProblem(
        path,
        topic.text.isEmpty
          ? "a topic's name is required"
          : "\"\(topic)\" is no topic name: 1 to 249 letters, digits, \".\", \"_\" and \"-\", and neither \".\" nor \"..\""
      )
    ]
  }

  private static func partitionProblems(_ partitions: [PartitionSelection], _ path: String) -> [FieldProblem] {
    if partitions.isEmpty {
      return [
        FieldProblem(path, "an empty list restores nothing: leave it out to restore every partition")
      ]
    }
    var problems: [FieldProblem] = []
    var firstIndex: [Int32: Int] = [:]
    for (index, partition) in partitions.enumerated() {
      let path = "\(path)[\(index)]"
      if partition.number < 0 {
        problems.append(FieldProblem("\(path).number", "\(partition.number) is no partition: at least 0"))
      } else if let first = firstIndex[partition.number] {
        problems.append(
          FieldProblem("\(path).number", "partition \(partition.number) is already that of partitions[\(first)]"))
      } else {
        firstIndex[partition.number] = index
      }
      if let from = partition.restoreFromOffset, from < 0 {
        problems.append(FieldProblem("\(path).restoreFromOffset", "\(from) is no offset: at least 0"))
      }
      if let until = partition.restoreUntilOffset, until < 0 {
        problems.append(FieldProblem("\(path).restoreUntilOffset", "\(until) is no offset: at least 0"))
      }
      if let from = partition.restoreFromOffset, let until = partition.restoreUntilOffset, from >= until, until >= 0 {
        problems.append(
          FieldProblem(
            "\(path).restoreUntilOffset",
            "\(until) is exclusive and must be greater than restoreFromOffset, \(from)"))
      }
    }
    return problems
  }

  private static func configProblems(_ config: RestoreConfig) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    if config.parallelism < 1 {
      problems.append(FieldProblem("config.parallelism", "\(config.parallelism) is too small: at least 1"))
    }
    if config.maxProducers < 0 {
      problems.append(
        FieldProblem("config.maxProducers", "\(config.maxProducers) is too small: at least 0, which is unlimited"))
    }
    if let header = config.legacyOffsetHeader, header.isEmpty || hasControlCharacters(header) {
      problems.append(FieldProblem("config.legacyOffsetHeader", "the key of a header is required, of printable text"))
    }
    if let throttle = config.throttleBytesPerSecond, throttle < 1 {
      problems.append(
        FieldProblem(
          "config.throttle.bytesPerSecond", "\(throttle) is too small: at least 1; leave it out for no limit"))
    }
    return problems
  }

  private static func timeProblems(_ config: RestoreConfig) -> [FieldProblem] {
    let bounds = config.timeBounds
    guard let from = bounds.from, let until = bounds.until, from >= until else { return [] }
    let path =
      config.filterToDateTime == nil ? "config.restoreUntilDateTime" : "config.filters.time.absolute.toDateTime"
    return [FieldProblem(path, "\(until) is exclusive and must be later than the start, \(from)")]
  }

  private static func schemaProblems(_ config: RestoreConfig) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    if !config.schemaMapping.isEmpty, config.schemaMappingFrom != nil {
      problems.append(
        FieldProblem("config.schemaMappingFrom", "either this or config.schemaMapping, not both"))
    }
    for (old, new) in config.schemaMapping.sorted(by: { $0.key < $1.key }) where old < 0 || new < 0 {
      problems.append(FieldProblem("config.schemaMapping", "\(old): \(new) holds no schema id: at least 0"))
    }
    if let file = config.schemaMappingFrom?.file {
      problems += fileProblems(file, "config.schemaMappingFrom.file")
    }
    return problems
  }
}

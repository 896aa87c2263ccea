import Kafka

/// The protocol names a topic once, and then its partitions.
struct TopicGroup<Element> {
  let name: String
  var elements: [Element]
}

extension Sequence {
  /// In the order of the first partition of each.
  func groupedByTopic(_ topic: (Element) -> String) -> [TopicGroup<Element>] {
    var groups: [TopicGroup<Element>] = []
    var places: [String: Int] = [:]
    for element in self {
      let name = topic(element)
      if let place = places[name] {
        groups[place].elements.append(element)
      } else {
        places[name] = groups.count
        groups.append(TopicGroup(name: name, elements: [element]))
      }
    }
    return groups
  }
}

extension Sequence<TopicPartition> {
  func groupedByTopic() -> [TopicGroup<TopicPartition>] { groupedByTopic { $0.topic } }
}

extension WireReader {
  /// Topics with partitions, each with what `body` reads after its number.
  mutating func partitions<Value>(
    _ body: (inout WireReader) throws(WireError) -> Value
  ) throws(WireError) -> [TopicPartition: Value] {
    var found: [TopicPartition: Value] = [:]
    _ = try array { reader throws(WireError) in
      let topic = try reader.text()
      _ = try reader.array { reader throws(WireError) in
        let partition = TopicPartition(topic, try reader.number())
        found[partition] = try body(&reader)
        try reader.endStructure()
      }
      try reader.endStructure()
    }
    return found
  }

  mutating func partitionErrors() throws(WireError) -> [TopicPartition: Int16] {
    try partitions { reader throws(WireError) in try reader.number(Int16.self) }
  }
}

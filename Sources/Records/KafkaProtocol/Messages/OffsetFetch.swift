package import Kafka

/// The positions of a group, stable ones only (KIP-447). Versions 7 and 8; protocol guide, "OffsetFetch" (key 9).
package struct OffsetFetch: KafkaRequest {
  package static let api = API.offsetFetch

  package var group: String
  package var partitions: [TopicPartition]

  package struct Position: Sendable, Equatable {
    /// −1: none was committed.
    package var offset: Int64
    package var metadata: [UInt8]
    package var error: Int16
  }

  package struct Answer: Sendable, Equatable {
    package var throttle: Int32
    package var error: Int16
    package var positions: [TopicPartition: Position]
  }

  package init(group: String, partitions: [TopicPartition]) {
    self.group = group
    self.partitions = partitions
  }

  package func encode(into writer: inout WireWriter, version: Int16) {
    if version >= 8 {
      writer.write([group]) { writer, group in
        writer.write(group)
        writeTopics(&writer)
        writer.endStructure()
      }
    } else {
      writer.write(group)
      writeTopics(&writer)
    }
    writer.write(true)  // stable ones
    writer.endStructure()
  }

  private func writeTopics(_ writer: inout WireWriter) {
    writer.write(partitions.groupedByTopic()) { writer, topic in
      writer.write(topic.name)
      writer.write(topic.elements) { $0.write($1.partition) }
      writer.endStructure()
    }
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer {
    let throttle = try reader.number(Int32.self)
    guard version >= 8 else {
      let positions = try positions(&reader)
      let error = try reader.number(Int16.self)
      try reader.endStructure()
      return Answer(throttle: throttle, error: error, positions: positions)
    }
    let groups = try reader.array { reader throws(WireError) in
      _ = try reader.text()
      let positions = try positions(&reader)
      let error = try reader.number(Int16.self)
      try reader.endStructure()
      return Answer(throttle: throttle, error: error, positions: positions)
    }
    try reader.endStructure()
    guard let first = groups.first, groups.count == 1 else { throw .length(Int64(groups.count)) }
    return first
  }

  private static func positions(_ reader: inout WireReader) throws(WireError) -> [TopicPartition: Position] {
    try reader.partitions { reader throws(WireError) in
      let offset = try reader.number(Int64.self)
      _ = try reader.number(Int32.self)  // the leader epoch
      return Position(offset: offset, metadata: try reader.nullableText() ?? [], error: try reader.number())
    }
  }
}

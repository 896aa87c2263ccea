/// Brokers, and the leaders of topics' partitions. Versions 7 to 9; protocol guide, "Metadata" (key 3).
package struct Metadata: KafkaRequest {
  package static let api = API.metadata

  /// None: only the brokers.
  package var topics: [String]
  /// Asks as well what the user may do with each topic (KIP-430); from version 8 on.
  package var includesOperations = false

  package struct Broker: Sendable, Equatable {
    package var id: Int32
    package var host: String
    package var port: Int32
  }

  package struct Partition: Sendable, Equatable {
    package var error: Int16
    package var id: Int32
    /// −1: none now.
    package var leader: Int32
    package var leaderEpoch: Int32
  }

  package struct Topic: Sendable, Equatable {
    package var error: Int16
    package var name: String
    package var partitions: [Partition]
    /// A bit for each operation that the user may do, at the place of its number (`AclOperation`). Nil: not told.
    package var operations: Int32?

    package static let write = Int32(1) << 4
  }

  package struct Answer: Sendable, Equatable {
    package var throttle: Int32
    package var brokers: [Broker]
    package var clusterID: String?
    package var topics: [Topic]
  }

  package init(topics: [String], includesOperations: Bool = false) {
    self.topics = topics
    self.includesOperations = includesOperations
  }

  package func encode(into writer: inout WireWriter, version: Int16) {
    writer.write(topics) { writer, topic in
      writer.write(topic)
      writer.endStructure()
    }
    writer.write(false)  // a look must not create a topic
    if version >= 8 {
      writer.write(false)
      writer.write(includesOperations)
    }
    writer.endStructure()
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer {
    let throttle = try reader.number(Int32.self)
    let brokers = try reader.array { reader throws(WireError) in
      let broker = Broker(id: try reader.number(), host: try reader.text(), port: try reader.number())
      _ = try reader.nullableText()  // the rack
      try reader.endStructure()
      return broker
    }
    let clusterID = try reader.optionalText()
    _ = try reader.number(Int32.self)  // the controller
    let topics = try reader.array { reader throws(WireError) in try topic(&reader, version) }
    if version >= 8 { _ = try reader.number(Int32.self) }
    try reader.endStructure()
    return Answer(throttle: throttle, brokers: brokers, clusterID: clusterID, topics: topics)
  }

  private static func topic(_ reader: inout WireReader, _ version: Int16) throws(WireError) -> Topic {
    let (error, name) = (try reader.number(Int16.self), try reader.text())
    _ = try reader.flag()
    let partitions = try reader.array { reader throws(WireError) in
      let partition = Partition(
        error: try reader.number(), id: try reader.number(), leader: try reader.number(),
        leaderEpoch: try reader.number())
      for _ in ["replicas", "in sync", "offline"] {
        _ = try reader.array { reader throws(WireError) in try reader.number(Int32.self) }
      }
      try reader.endStructure()
      return partition
    }
    let operations = version >= 8 ? try reader.number(Int32.self) : .min
    try reader.endStructure()
    return Topic(error: error, name: name, partitions: partitions, operations: operations == .min ? nil : operations)
  }
}

package import Kafka

/// The offset behind a partition's last record, visible or not. Versions 2 to 6; protocol guide, "ListOffsets" (key 2).
package struct ListOffsets: KafkaRequest {
  package static let api = API.listOffsets

  package var partition: TopicPartition

  package struct Answer: Sendable, Equatable {
    package var throttle: Int32
    package var ends: [TopicPartition: End]
  }

  package struct End: Sendable, Equatable {
    package var error: Int16
    package var offset: Int64
  }

  package init(endOf partition: TopicPartition) { self.partition = partition }

  package func encode(into writer: inout WireWriter, version: Int16) {
    writer.write(Int32(-1))  // no replica
    writer.write(Int8(0))  // whatever is committed
    writer.write([partition]) { writer, partition in
      writer.write(partition.topic)
      writer.write([partition]) { writer, partition in
        writer.write(partition.partition)
        if version >= 4 { writer.write(Int32(-1)) }
        writer.write(Int64(-1))  // the latest
        writer.endStructure()
      }
      writer.endStructure()
    }
    writer.endStructure()
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer {
    let throttle = try reader.number(Int32.self)
    let ends = try reader.partitions { reader throws(WireError) in
      let error = try reader.number(Int16.self)
      _ = try reader.number(Int64.self)  // the timestamp
      let end = End(error: error, offset: try reader.number())
      if version >= 4 { _ = try reader.number(Int32.self) }
      return end
    }
    try reader.endStructure()
    return Answer(throttle: throttle, ends: ends)
  }
}

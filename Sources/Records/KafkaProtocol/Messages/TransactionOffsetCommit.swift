package import Kafka

/// Positions of a group without members, within a transaction; to the group's coordinator. Versions 2 to 4; protocol guide, "TxnOffsetCommit" (key 28), KIP-98 and KIP-447.
package struct TransactionOffsetCommit: KafkaRequest {
  package static let api = API.transactionOffsetCommit

  package var transaction: TransactionName
  package var group: String
  package var positions: [TopicPartition: CommittedPosition]

  package struct Answer: Sendable, Equatable {
    package var throttle: Int32
    package var errors: [TopicPartition: Int16]
  }

  package init(_ transaction: TransactionName, group: String, _ positions: [TopicPartition: CommittedPosition]) {
    self.transaction = transaction
    self.group = group
    self.positions = positions
  }

  package func encode(into writer: inout WireWriter, version: Int16) {
    writer.write(transaction.id)
    writer.write(group)
    writer.write(transaction.identity.id)
    writer.write(transaction.identity.epoch)
    if version >= 3 {
      writer.write(Int32(-1))  // no generation
      writer.write("")  // no member
      writer.writeNullable(nil)  // no instance
    }
    writer.write(positions.sorted { $0.key < $1.key }.groupedByTopic { $0.key.topic }) { writer, topic in
      writer.write(topic.name)
      writer.write(topic.elements) { writer, position in
        writer.write(position.key.partition)
        writer.write(position.value.offset)
        writer.write(Int32(-1))  // no leader epoch
        writer.write(position.value.metadata)
        writer.endStructure()
      }
      writer.endStructure()
    }
    writer.endStructure()
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer {
    let throttle = try reader.number(Int32.self)
    let errors = try reader.partitionErrors()
    try reader.endStructure()
    return Answer(throttle: throttle, errors: errors)
  }
}

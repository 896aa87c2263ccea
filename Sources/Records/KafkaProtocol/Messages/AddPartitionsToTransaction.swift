package import Kafka

/// Tells the transaction's coordinator which partitions will get its marker; before the first batch of each. Versions 1 to 3 (from 4 on it is
/// between brokers); protocol guide, "AddPartitionsToTxn" (key 24), KIP-98.
package struct AddPartitionsToTransaction: KafkaRequest {
  package static let api = API.addPartitionsToTransaction

  package var transaction: TransactionName
  package var partitions: [TopicPartition]

  package struct Answer: Sendable, Equatable {
    package var throttle: Int32
    package var errors: [TopicPartition: Int16]
  }

  package init(_ transaction: TransactionName, _ partitions: [TopicPartition]) {
    self.transaction = transaction
    self.partitions = partitions
  }

  package func encode(into writer: inout WireWriter, version: Int16) {
    transaction.encode(into: &writer)
    writer.write(partitions.groupedByTopic()) { writer, topic in
      writer.write(topic.name)
      writer.write(topic.elements) { $0.write($1.partition) }
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

/// Whose transaction it is: the beginning of each of its requests.
package struct TransactionName: Sendable, Hashable {
  package var id: String
  package var identity: ProducerIdentity

  package init(id: String, identity: ProducerIdentity) {
    self.id = id
    self.identity = identity
  }

  func encode(into writer: inout WireWriter) {
    writer.write(id)
    writer.write(identity.id)
    writer.write(identity.epoch)
  }
}

/// Tells the transaction's coordinator that positions of a group go with it. Versions 1 to 4; protocol guide, "AddOffsetsToTxn" (key 25), KIP-98.
package struct AddOffsetsToTransaction: KafkaRequest {
  package static let api = API.addOffsetsToTransaction

  package var transaction: TransactionName
  package var group: String

  package init(_ transaction: TransactionName, group: String) {
    self.transaction = transaction
    self.group = group
  }

  package func encode(into writer: inout WireWriter, version: Int16) {
    transaction.encode(into: &writer)
    writer.write(group)
    writer.endStructure()
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> PlainAnswer {
    try PlainAnswer(&reader)
  }
}

/// Throttle and error, and nothing else.
package struct PlainAnswer: Sendable, Equatable {
  package var throttle: Int32
  package var error: Int16

  init(_ reader: inout WireReader) throws(WireError) {
    throttle = try reader.number()
    error = try reader.number()
    try reader.endStructure()
  }
}

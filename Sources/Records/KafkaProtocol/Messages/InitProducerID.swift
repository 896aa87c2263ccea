/// A producer's id and epoch. Versions 3 to 5; protocol guide, "InitProducerId" (key 22), KIP-98 and KIP-360.
///
/// Without a current id it takes the transactional id over: whoever had it is fenced, and their open transaction aborted. With one it raises the
/// own epoch, and is refused when somebody else has taken over.
package struct InitProducerID: KafkaRequest {
  package static let api = API.initProducerID

  package var transactionalID: String?
  package var timeoutMilliseconds: Int32
  package var current: ProducerIdentity?

  package struct Answer: Sendable, Equatable {
    package var throttle: Int32
    package var error: Int16
    package var identity: ProducerIdentity
  }

  package init(transactionalID: String?, timeoutMilliseconds: Int32, current: ProducerIdentity?) {
    self.transactionalID = transactionalID
    self.timeoutMilliseconds = timeoutMilliseconds
    self.current = current
  }

  package func encode(into writer: inout WireWriter, version: Int16) {
    writer.writeNullable(transactionalID)
    writer.write(timeoutMilliseconds)
    writer.write(current?.id ?? -1)
    writer.write(current?.epoch ?? -1)
    writer.endStructure()
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer {
    let (throttle, error) = (try reader.number(Int32.self), try reader.number(Int16.self))
    let identity = ProducerIdentity(id: try reader.number(), epoch: try reader.number())
    try reader.endStructure()
    return Answer(throttle: throttle, error: error, identity: identity)
  }
}

/// Who sends, as brokers know them: every batch carries it.
package struct ProducerIdentity: Sendable, Hashable {
  package var id: Int64
  package var epoch: Int16

  package init(id: Int64, epoch: Int16) {
    self.id = id
    self.epoch = epoch
  }
}

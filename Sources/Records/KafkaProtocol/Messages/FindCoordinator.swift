/// Which broker coordinates a group or a transactional id. Versions 1 to 4; protocol guide, "FindCoordinator" (key 10).
package struct FindCoordinator: KafkaRequest {
  package static let api = API.findCoordinator

  package enum Kind: Int8, Sendable {
    case group = 0
    case transaction = 1
  }

  package var kind: Kind
  package var key: String

  package struct Answer: Sendable, Equatable {
    package var throttle: Int32
    package var error: Int16
    package var message: String?
    package var broker: Metadata.Broker
  }

  package init(_ kind: Kind, _ key: String) {
    self.kind = kind
    self.key = key
  }

  package func encode(into writer: inout WireWriter, version: Int16) {
    if version < 4 { writer.write(key) }
    writer.write(kind.rawValue)
    if version >= 4 { writer.write([key]) { $0.write($1) } }
    writer.endStructure()
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer {
    let throttle = try reader.number(Int32.self)
    guard version >= 4 else {
      let (error, message) = (try reader.number(Int16.self), try reader.optionalText())
      let broker = Metadata.Broker(id: try reader.number(), host: try reader.text(), port: try reader.number())
      try reader.endStructure()
      return Answer(throttle: throttle, error: error, message: message, broker: broker)
    }
    let found = try reader.array { reader throws(WireError) in
      _ = try reader.text()
      let broker = Metadata.Broker(id: try reader.number(), host: try reader.text(), port: try reader.number())
      let (error, message) = (try reader.number(Int16.self), try reader.optionalText())
      try reader.endStructure()
      return Answer(throttle: throttle, error: error, message: message, broker: broker)
    }
    try reader.endStructure()
    guard let first = found.first, found.count == 1 else { throw .length(Int64(found.count)) }
    return first
  }
}

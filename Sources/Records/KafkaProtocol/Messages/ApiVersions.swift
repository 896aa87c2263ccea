/// Asks a broker which requests it understands: the first request on every connection. Versions 0 to 3; protocol guide, "ApiVersions" (key 18), KIP-35 and KIP-511.
///
/// A broker that doesn't know the version asked for answers in the form of version 0, error 35, mostly with what it does know; then version 0 is asked.
package struct ApiVersions: KafkaRequest {
  package static let api = API.apiVersions

  package struct Answer: Sendable, Equatable {
    package var error: Int16
    package var apis: [(key: Int16, min: Int16, max: Int16)]

    package init(error: Int16, apis: [(key: Int16, min: Int16, max: Int16)]) {
      self.error = error
      self.apis = apis
    }

    package static func == (left: Answer, right: Answer) -> Bool {
      left.error == right.error && left.apis.elementsEqual(right.apis, by: ==)
    }
  }

  package init() {}

  package func encode(into writer: inout WireWriter, version: Int16) {
    guard version >= 3 else { return }
    writer.write("thaw")
    writer.write("1")
    writer.endStructure()
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer {
    let error = try reader.number(Int16.self)
    let apis = try reader.array { reader throws(WireError) in
      let api = (try reader.number(Int16.self), try reader.number(Int16.self), try reader.number(Int16.self))
      try reader.endStructure()
      return (key: api.0, min: api.1, max: api.2)
    }
    if version >= 1 { _ = try reader.number(Int32.self) }
    try reader.endStructure()
    return Answer(error: error, apis: apis)
  }

  /// The answer whatever form it has: an error in the one of version 0.
  package static func negotiate(_ frame: [UInt8], version: Int16, correlation: Int32) throws(WireError) -> Answer {
    do { return try answer(in: frame, version: version, correlation: correlation) } catch {
      guard version > 0, let plain = try? answer(in: frame, version: 0, correlation: correlation), plain.error != 0
      else { throw error }
      return plain
    }
  }
}

/// A request, its place in the protocol guide told by its `api`, and the answer to it.
package protocol KafkaRequest: Sendable {
  associatedtype Answer: Sendable

  static var api: API { get }

  /// The request without its header, for a version that both sides speak.
  func encode(into writer: inout WireWriter, version: Int16)

  /// The answer without its header.
  static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer
}

extension KafkaRequest {
  /// Header and body, without the four bytes of length before them (kafka.apache.org/protocol, "Request Headers": 1, or 2 when flexible).
  package func message(version: Int16, correlation: Int32, clientID: String) -> [UInt8] {
    var writer = WireWriter(isFlexible: Self.api.isFlexible(version))
    Self.writeHeader(&writer, version: version, correlation: correlation, clientID: clientID)
    encode(into: &writer, version: version)
    return writer.bytes
  }

  static func writeHeader(_ writer: inout WireWriter, version: Int16, correlation: Int32, clientID: String) {
    writer.write(api.rawValue)
    writer.write(version)
    writer.write(correlation)
    writer.writeClassic(clientID)
    writer.endStructure()
  }

  /// The answer in a frame without its length. What is left behind the last field is an error: the two sides don't mean the same.
  package static func answer(in frame: [UInt8], version: Int16, correlation: Int32) throws(WireError) -> Answer {
    var header = WireReader(frame, isFlexible: api.hasFlexibleAnswerHeader(version))
    let found = try header.number(Int32.self)
    guard found == correlation else { throw .correlation(found, expected: correlation) }
    try header.endStructure()
    var reader = WireReader(frame, at: frame.count - header.remaining, isFlexible: api.isFlexible(version))
    let answer = try decode(&reader, version: version)
    guard reader.remaining == 0 else { throw .rest(reader.remaining) }
    return answer
  }
}

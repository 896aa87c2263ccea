import ColdStorage

/// Has a broker refuse batches for their codec, which no broker at hand does: their checksum is made wrong on the way there, so that it takes none of
/// them, and what it then says, `CORRUPT_MESSAGE`, is `UNSUPPORTED_COMPRESSION_TYPE` on the way back. Of one connection; protocol guide, "Produce".
final class CodecRefuser {
  private struct Place: Hashable {
    /// Its name, or from version 13 on its id.
    let topic: ArraySlice<UInt8>
    let partition: Int32
  }

  private static let corruptMessage: Int16 = 2
  private static let unsupportedCompressionType: Int16 = 76

  private var fromClient: [UInt8] = []
  private var fromBroker: [UInt8] = []
  /// Requests with batches that were spoilt, by correlation id.
  private var spoilt: [Int32: (version: Int16, places: Set<Place>)] = [:]
  /// Nothing was ever refused here: what comes in pieces may go on in pieces.
  private var isIdle = true

  /// What is to go on of what came from the client.
  func requests(_ bytes: ArraySlice<UInt8>, refusing codecs: Set<BatchCodec>) -> [UInt8] {
    if codecs.isEmpty && isIdle { return Array(bytes) }
    isIdle = false
    fromClient += bytes
    return Self.takeFrames(&fromClient) { spoil(&$0, codecs) }
  }

  /// What is to go on of what came from the broker, and how many batches it refuses.
  func answers(_ bytes: ArraySlice<UInt8>) -> (bytes: [UInt8], refusals: Int) {
    if isIdle { return (Array(bytes), 0) }
    fromBroker += bytes
    var refusals = 0
    let frames = Self.takeFrames(&fromBroker) { refusals += replaceErrors(&$0) }
    return (frames, refusals)
  }

  private static func takeFrames(_ bytes: inout [UInt8], _ change: (inout KafkaFrame) -> Void) -> [UInt8] {
    var whole: [UInt8] = []
    var start = 0
    while bytes.count - start >= 4 {
      let end = start + 4 + bytes[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
      guard end <= bytes.count else { break }
      var frame = KafkaFrame(bytes[start..<end])
      change(&frame)
      whole += frame.bytes
      start = end
    }
    bytes.removeFirst(start)
    return whole
  }

  private func spoil(_ frame: inout KafkaFrame, _ codecs: Set<BatchCodec>) {
    guard frame.number(Int16.self) == 0 else { return }
    let (version, correlation) = (frame.number(Int16.self), frame.number(Int32.self))
    frame.skip(Int(max(0, frame.number(Int16.self))))
    frame.isFlexible = version >= 9
    frame.skipTags()
    frame.skipText()
    frame.skip(6)
    var places: Set<Place> = []
    frame.forEach { frame in
      let topic = frame.topic(version)
      frame.forEach { frame in
        let partition = frame.number(Int32.self)
        let size = frame.length()
        let start = frame.position
        if size > 22, let codec = BatchCodec(rawValue: Int16(frame.bytes[start + 22] & 7)), codecs.contains(codec) {
          frame.bytes[start + 20] ^= 1
          places.insert(Place(topic: topic, partition: partition))
        }
        frame.skip(size)
        frame.skipTags()
      }
      frame.skipTags()
    }
    if !places.isEmpty { spoilt[correlation] = (version, places) }
  }

  private func replaceErrors(_ frame: inout KafkaFrame) -> Int {
    guard let (version, places) = spoilt.removeValue(forKey: frame.number(Int32.self)) else { return 0 }
    frame.isFlexible = version >= 9
    frame.skipTags()
    var refusals = 0
    frame.forEach { frame in
      let topic = frame.topic(version)
      frame.forEach { frame in
        let place = Place(topic: topic, partition: frame.number(Int32.self))
        let start = frame.position
        if frame.number(Int16.self) == Self.corruptMessage, places.contains(place) {
          frame.bytes[start + 1] = UInt8(Self.unsupportedCompressionType)
          refusals += 1
        }
        frame.skip(version >= 5 ? 24 : 16)
        if version >= 8 {
          frame.forEach { frame in
            frame.skip(4)
            frame.skipText()
            frame.skipTags()
          }
          frame.skipText()
        }
        frame.skipTags()
      }
      frame.skipTags()
    }
    return refusals
  }
}

/// A request or an answer, read from front to back. Its sender is believed.
private struct KafkaFrame {
  /// With the four bytes of its length.
  var bytes: [UInt8]
  private(set) var position = 4
  /// Lengths are compact, and structures end with tagged fields (KIP-482).
  var isFlexible = false

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
    defer { position += Number.bitWidth / 8 }
    return bytes[position..<(position + Number.bitWidth / 8)].reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  mutating func skip(_ count: Int) { position += count }

  private mutating func varint() -> Int {
    var (value, shift) = (0, 0)
    while true {
      let byte = number(UInt8.self)
      value |= Int(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// Of an array or of bytes; 0 for null.
  mutating func length() -> Int { max(0, isFlexible ? varint() - 1 : Int(number(Int32.self))) }

  private mutating func textLength() -> Int { max(0, isFlexible ? varint() - 1 : Int(number(Int16.self))) }

  mutating func skipText() { skip(textLength()) }

  mutating func topic(_ version: Int16) -> ArraySlice<UInt8> {
    let size = version >= 13 ? 16 : textLength()
    defer { skip(size) }
    return bytes[position..<(position + size)]
  }

  mutating func skipTags() {
    guard isFlexible else { return }
    for _ in 0..<varint() {
      _ = varint()
      skip(varint())
    }
  }

  mutating func forEach(_ body: (inout KafkaFrame) -> Void) {
    for _ in 0..<length() { body(&self) }
  }
}

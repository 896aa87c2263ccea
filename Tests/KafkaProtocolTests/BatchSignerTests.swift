import CChecksum
import KafkaProtocol
import Testing

@Suite("Signing a stored batch") struct BatchSignerTests {
  private static let identity = ProducerIdentity(id: 0x0102_0304_0506_0708, epoch: 0x1112)

  @Test(
    "What is signed without a look at the payload, with one, and computed anew is the same",
    arguments: [0, 1, 7, 39, 61, 4095, 4096, 12_287, 12_288, 12_289, 40_001, 1_000_003], [true, false])
  func agrees(size: Int, transactional: Bool) throws {
    let batch = StoredBytes(payload: size, seed: UInt64(size), count: 17)
    let signer = BatchSigner(Self.identity, isTransactional: transactional)
    let sequence = try #require(SequenceNumber(0x2122_2324))
    try batch.lend { header, payload in
      let signed = try signer.sign(header: header, payloadSize: payload.count, sequence: sequence)
      #expect(try signer.verifyAndSign(header: header, payload: payload, sequence: sequence) == signed)
      var plain = Array(header)
      plain.replaceSubrange(0..<8, with: [UInt8](repeating: 0, count: 8))
      plain.replaceSubrange(12..<16, with: [0xff, 0xff, 0xff, 0xff])
      plain[22] = transactional ? 0x14 : 0x04
      plain.replaceSubrange(43..<57, with: [1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x21, 0x22, 0x23, 0x24])
      let whole = Array(plain[21...]) + Array(payload)
      let sum = crc32c(0, whole, whole.count)
      plain.replaceSubrange(17..<21, with: withUnsafeBytes(of: sum.bigEndian, Array.init))
      #expect(signed == plain)
    }
  }

  @Test("A flipped bit anywhere is found when the payload is looked at") func damage() throws {
    let signer = BatchSigner(Self.identity, isTransactional: true)
    for place in 21..<(61 + 100) where place != 22 && !(23..<27).contains(place) && !(57..<61).contains(place) {
      var batch = StoredBytes(payload: 100, seed: 5, count: 3)
      batch.bytes[place] ^= 0x40
      #expect(throws: BatchSigner.Obstacle.damaged, "byte \(place)") {
        try batch.lend { try signer.verifyAndSign(header: $0, payload: $1, sequence: SequenceNumber()) }
      }
    }
  }

  @Test(
    "What a broker would refuse is told before it is sent",
    arguments: [
      (16, 1, .notABatch), (11, 0, .notABatch), (22, 0x24, .control), (22, 0x0c, .logAppendTime), (26, 5, .gaps),
      (60, 0, .empty), (57, 0xff, .empty),
    ] as [(Int, UInt8, BatchSigner.Obstacle)])
  func obstacles(place: Int, value: UInt8, obstacle: BatchSigner.Obstacle) {
    var batch = StoredBytes(payload: 10, seed: 1, count: 4)
    batch.bytes[place] = value
    batch.lend { header, payload in
      #expect(BatchSigner.obstacle(header: header, payloadSize: payload.count) == obstacle)
    }
    batch = StoredBytes(payload: 10, seed: 1, count: 4)
    batch.lend { header, payload in
      #expect(BatchSigner.obstacle(header: header, payloadSize: payload.count) == nil)
      #expect(
        BatchSigner.obstacle(header: UnsafeRawBufferPointer(rebasing: header[..<60]), payloadSize: 10) == .notABatch)
    }
  }

  @Test("Sequence numbers wrap from 2^31 - 1 to 0") func wraps() throws {
    var sequence = try #require(SequenceNumber(Int32.max - 2))
    sequence.advance(by: 2)
    #expect(sequence.value == Int32.max)
    sequence.advance(by: 1)
    #expect(sequence.value == 0)
    sequence = try #require(SequenceNumber(Int32.max))
    sequence.advance(by: Int32.max)
    #expect(sequence.value == Int32.max - 1)
    #expect(SequenceNumber(-1) == nil)
  }
}

/// A batch as a segment has it, with a right checksum; its payload is noise.
struct StoredBytes {
  var bytes: [UInt8]

  init(payload: Int, seed: UInt64, count: Int32) {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    bytes = (0..<(61 + payload)).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    put(Int32(49 + payload), 8)
    bytes[16] = 2
    put(Int16(0x44), 21)  // zstd, and the bit of a delete horizon
    put(count - 1, 23)
    put(count, 57)
    put(crc32c(0, Array(bytes[21...]), bytes.count - 21), 17)
  }

  private mutating func put<Number: FixedWidthInteger>(_ number: Number, _ place: Int) {
    bytes.replaceSubrange(
      place..<(place + Number.bitWidth / 8), with: withUnsafeBytes(of: number.bigEndian, Array.init))
  }

  func lend<Result>(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[..<61]), UnsafeRawBufferPointer(rebasing: $0[61...]))
    }
  }
}

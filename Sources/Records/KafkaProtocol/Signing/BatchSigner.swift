import CChecksum

/// Makes a stored batch one of this producer's, without opening it: only the header changes, and of the checksum only what follows from that.
/// Source: protocol guide, "Record Batch"; KIP-98.
package struct BatchSigner: Sendable, Hashable {
  package static let headerSize = 61
  /// Where the bytes begin that the checksum covers.
  private static let covered = 21

  package var identity: ProducerIdentity
  package var isTransactional: Bool

  package init(_ identity: ProducerIdentity, isTransactional: Bool) {
    self.identity = identity
    self.isTransactional = isTransactional
  }

  /// Why a batch can't go on as it is: a broker would refuse it, or keep what it must not.
  package enum Obstacle: Error, Sendable, Hashable {
    /// Not 61 bytes of a header of magic 2 that states the length of header and payload.
    case notABatch
    case control
    case empty
    /// The broker gives records numbers without gaps.
    case gaps
    /// Producers may not say that the broker set the time.
    case logAppendTime
    /// The checksum is not the batch's.
    case damaged
  }

  /// - Parameter header: the first 61 bytes; more may follow.
  package static func obstacle(header: UnsafeRawBufferPointer, payloadSize: Int) -> Obstacle? {
    guard header.count >= headerSize, header[16] == 2, payloadSize >= 0,
      Int(int32(header, 8)) == headerSize - 12 + payloadSize
    else { return .notABatch }
    let count = int32(header, 57)
    if header[22] & 0x20 != 0 { return .control }
    if header[22] & 0x08 != 0 { return .logAppendTime }
    if count <= 0 { return .empty }
    return int32(header, 23) == count - 1 ? nil : .gaps
  }

  /// The lowest three bits of the attributes.
  static func codec(header: UnsafeRawBufferPointer) -> Int16 { Int16(header[22] & 7) }

  package static func recordCount(header: UnsafeRawBufferPointer) -> Int32 { int32(header, 57) }

  /// The new header of a batch whose checksum was found right before; its payload isn't looked at. Base offset 0 and no leader epoch, as every producer
  /// says; the bit of a delete horizon (0x40) goes, since brokers keep it, while the base timestamp that it explains stays what the records count from.
  package func sign(
    header: UnsafeRawBufferPointer, payloadSize: Int, sequence: SequenceNumber
  ) throws(Obstacle) -> [UInt8] {
    if let obstacle = Self.obstacle(header: header, payloadSize: payloadSize) { throw obstacle }
    var signed = changed(header, sequence)
    let difference = Self.checksum(header) ^ signed.withUnsafeBytes(Self.checksum)
    let stored = UInt32(bitPattern: Self.int32(header, 17))
    Self.store(stored ^ crc32c_shift(difference, UInt64(payloadSize)), at: 17, in: &signed)
    return signed
  }

  /// The same of a batch that nobody has looked at: checked and signed in one pass over the payload.
  package func verifyAndSign(
    header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, sequence: SequenceNumber
  ) throws(Obstacle) -> [UInt8] {
    if let obstacle = Self.obstacle(header: header, payloadSize: payload.count) { throw obstacle }
    let rest = crc32c(0, payload.baseAddress, payload.count)
    let length = UInt64(payload.count)
    guard crc32c_combine(Self.checksum(header), rest, length) == UInt32(bitPattern: Self.int32(header, 17)) else {
      throw .damaged
    }
    var signed = changed(header, sequence)
    Self.store(crc32c_combine(signed.withUnsafeBytes(Self.checksum), rest, length), at: 17, in: &signed)
    return signed
  }

  private func changed(_ header: UnsafeRawBufferPointer, _ sequence: SequenceNumber) -> [UInt8] {
    var bytes = Array(header.prefix(Self.headerSize))
    Self.store(Int64(0), at: 0, in: &bytes)
    Self.store(Int32(-1), at: 12, in: &bytes)
    bytes[22] = bytes[22] & ~0x50 | (isTransactional ? 0x10 : 0)
    Self.store(identity.id, at: 43, in: &bytes)
    Self.store(identity.epoch, at: 51, in: &bytes)
    Self.store(sequence.value, at: 53, in: &bytes)
    return bytes
  }

  /// Of the part of the header that the checksum covers.
  private static func checksum(_ header: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = header.baseAddress else { return 0 }
    return crc32c(0, base + covered, headerSize - covered)
  }

  private static func int32(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int32 {
    Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int32.self))
  }

  private static func store<Number: FixedWidthInteger>(_ number: Number, at position: Int, in bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: number.bigEndian, toByteOffset: position, as: Number.self) }
  }
}

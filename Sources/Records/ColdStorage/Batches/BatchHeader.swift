import CChecksum

/// The first 61 bytes of a record batch of magic 2, as brokers store it.
/// Source: Kafka's protocol guide, "Record Batch"; KIP-98 for the producer's fields.
package struct BatchHeader: Hashable, Sendable {
  package static let byteCount = 61
  /// Offset and length field, which the length does not count.
  static let uncounted = 12
  /// Where the bytes begin that the checksum covers.
  static let checksummed = 21

  package var baseOffset: Int64
  /// Of the whole batch, this header included. At least 61.
  package var size: Int
  package var leaderEpoch: Int32 = -1
  package var checksum: UInt32 = 0
  package var attributes: Attributes
  /// Last offset less base offset; not the number of records less one when there are gaps.
  package var lastOffsetDelta: Int32
  /// The first record's timestamp, no minimum; a delete horizon when the attributes say so.
  package var baseTimestamp: Int64
  /// The true maximum; every record's timestamp in a batch of log append time.
  package var maxTimestamp: Int64
  package var producerID: Int64 = -1
  package var producerEpoch: Int16 = -1
  package var baseSequence: Int32 = -1
  package var recordCount: Int32

  package var lastOffset: Int64 { baseOffset + Int64(lastOffsetDelta) }

  package struct Attributes: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int16

    package init(rawValue: Int16) { self.rawValue = rawValue }

    package init(codec: BatchCodec) { rawValue = codec.rawValue }

    /// Nil for the numbers that Kafka has not given away.
    package var codec: BatchCodec? { BatchCodec(rawValue: rawValue & 7) }
    package var isLogAppendTime: Bool { rawValue & 0x08 != 0 }
    package var isTransactional: Bool { rawValue & 0x10 != 0 }
    package var isControl: Bool { rawValue & 0x20 != 0 }
    /// KIP-534: the base timestamp is the time from which on tombstones may go.
    package var hasDeleteHorizon: Bool { rawValue & 0x40 != 0 }
  }
}

extension BatchHeader {
  /// Reads a header; `bytes` may go on after it. What is read makes sense by itself: counts are not negative, the last
  /// offset exists, and `size` is at least 61 (whether so many bytes are there is for the caller to see).
  package init(parsing bytes: UnsafeRawBufferPointer) throws(BatchError) {
    guard bytes.count >= Self.byteCount else { throw .damaged("a batch header is cut off") }
    let length = Int32(bigEndianAt: 8, in: bytes)
    let magic = bytes[16]
    guard magic == 2 else { throw .damaged("the batch has magic \(magic), not 2") }
    guard length >= Int32(Self.byteCount - Self.uncounted) else {
      throw .damaged("the batch says that it is \(length) bytes long")
    }
    baseOffset = Int64(bigEndianAt: 0, in: bytes)
    size = Int(length) + Self.uncounted
    leaderEpoch = Int32(bigEndianAt: 12, in: bytes)
    checksum = UInt32(bigEndianAt: 17, in: bytes)
    attributes = Attributes(rawValue: Int16(bigEndianAt: 21, in: bytes))
    lastOffsetDelta = Int32(bigEndianAt: 23, in: bytes)
    baseTimestamp = Int64(bigEndianAt: 27, in: bytes)
    maxTimestamp = Int64(bigEndianAt: 35, in: bytes)
    producerID = Int64(bigEndianAt: 43, in: bytes)
    producerEpoch = Int16(bigEndianAt: 51, in: bytes)
    baseSequence = Int32(bigEndianAt: 53, in: bytes)
    recordCount = Int32(bigEndianAt: 57, in: bytes)
    guard baseOffset >= 0, lastOffsetDelta >= 0, baseOffset <= Int64.max - 1 - Int64(lastOffsetDelta) else {
      throw .damaged("the batch says that its offsets are \(baseOffset) and \(lastOffsetDelta) more")
    }
    guard recordCount >= 0, Int64(recordCount) <= Int64(lastOffsetDelta) + 1 else {
      throw .damaged("the batch says that it has \(recordCount) records at \(Int64(lastOffsetDelta) + 1) offsets")
    }
  }

  /// Writes all 61 bytes to the beginning of `bytes`, the checksum as it stands.
  func encode(into bytes: UnsafeMutableRawBufferPointer) {
    baseOffset.store(bigEndianAt: 0, in: bytes)
    Int32(truncatingIfNeeded: size - Self.uncounted).store(bigEndianAt: 8, in: bytes)
    leaderEpoch.store(bigEndianAt: 12, in: bytes)
    bytes[16] = 2
    checksum.store(bigEndianAt: 17, in: bytes)
    attributes.rawValue.store(bigEndianAt: 21, in: bytes)
    lastOffsetDelta.store(bigEndianAt: 23, in: bytes)
    baseTimestamp.store(bigEndianAt: 27, in: bytes)
    maxTimestamp.store(bigEndianAt: 35, in: bytes)
    producerID.store(bigEndianAt: 43, in: bytes)
    producerEpoch.store(bigEndianAt: 51, in: bytes)
    baseSequence.store(bigEndianAt: 53, in: bytes)
    recordCount.store(bigEndianAt: 57, in: bytes)
  }

  /// The checksum of a whole batch, header included, as it should be.
  static func checksum(of batch: UnsafeRawBufferPointer) -> UInt32 {
    let covered = UnsafeRawBufferPointer(rebasing: batch[min(checksummed, batch.count)...])
    return crc32c(0, covered.baseAddress, covered.count)
  }

  /// Throws unless `batch` is this header's batch, all of it, with the checksum that the header states.
  package func check(_ batch: UnsafeRawBufferPointer) throws(BatchError) {
    guard batch.count == size else { throw .damaged("the batch is \(batch.count) bytes long, not \(size)") }
    let found = Self.checksum(of: batch)
    guard found == checksum else {
      throw .damaged("the batch has checksum \(String(found, radix: 16)), not \(String(checksum, radix: 16))")
    }
  }
}

/// Gathers records and makes a stored batch of them: create time, no producer, offsets as they were with gaps as
/// deltas.
package final class BatchBuilder {
  /// The most bytes of a batch before compression, its header included, unless a single record takes more. It fits
  /// Kafka's default `max.message.bytes` with or without compression.
  package static let defaultLimit = 1_000_000

  package let codec: BatchCodec
  /// The most bytes of a batch before compression; a change holds from the next record on.
  package var limit: Int
  private let records: RecordBuffer
  private let packer: BatchPacker
  private var header: BatchHeader?

  /// - Parameter codec: zstd, lz4 or none.
  package init(codec: BatchCodec, limit: Int = BatchBuilder.defaultLimit) throws(ArchiveError) {
    guard Self.codecs.contains(codec) else { throw .batch(.unsupportedCodec(codec)) }
    self.codec = codec
    self.limit = limit
    do {
      packer = try BatchPacker()
      records = try Self.buffer(capacity: limit)
    } catch {
      throw .batch(error)
    }
  }

  /// Those that can be written.
  package static let codecs: Set<BatchCodec> = [.none, .lz4, .zstd]

  package var isEmpty: Bool { header == nil }

  package var recordCount: Int32 { header?.recordCount ?? 0 }

  /// Bytes that are free before `limit`, of a batch that has a record already; negative behind a record that is larger.
  package var room: Int { limit - records.count }

  /// Adds a record, whose offset must be higher than the last one's. False, and nothing is added, when it does not fit
  /// into this batch any more: then `finish` it and add the record to the next one.
  package func add(_ record: SourceRecord) throws(BatchError) -> Bool {
    try add(record.offset, record.timestamp, record.fieldsSize()) { record.writeFields(to: &$0) }
  }

  /// The same with a record that was changed.
  package func add(_ record: ChangedRecord) throws(BatchError) -> Bool {
    try add(record.offset, record.timestamp, try record.fieldsSize()) { writer throws(BatchError) in
      try record.writeFields(to: &writer)
    }
  }

  @inline(__always)
  private func add(
    _ offset: Int64, _ timestamp: Int64, _ fieldsSize: Int,
    _ writeFields: (inout RawWriter) throws(BatchError) -> Void
  ) throws(BatchError) -> Bool {
    guard var header else {
      records.setCount(BatchHeader.byteCount)
      try encode(0, 0, size: SourceRecord.bodySize(fieldsSize, 0, 0), writeFields)
      self.header = BatchHeader(
        baseOffset: offset, size: 0, attributes: .init(codec: .none), lastOffsetDelta: 0,
        baseTimestamp: timestamp, maxTimestamp: timestamp, recordCount: 1)
      return true
    }
    let (timestampDelta, wraps) = timestamp.subtractingReportingOverflow(header.baseTimestamp)
    let (offsetDelta, leaps) = offset.subtractingReportingOverflow(header.baseOffset)
    guard offsetDelta > Int64(header.lastOffsetDelta) else {
      throw .damaged("offset \(offset) comes after \(header.lastOffset)")
    }
    guard !wraps, !leaps, let lastOffsetDelta = Int32(exactly: offsetDelta) else { return false }
    let size = SourceRecord.bodySize(fieldsSize, timestampDelta, offsetDelta)
    guard records.count + SourceRecord.varintSize(Int64(size)) + size <= limit else { return false }
    try encode(timestampDelta, offsetDelta, size: size, writeFields)
    header.lastOffsetDelta = lastOffsetDelta
    header.maxTimestamp = max(header.maxTimestamp, timestamp)
    header.recordCount += 1
    self.header = header
    return true
  }

  /// The batch as it goes to disk, borrowed until the next call; nil when there is no record. The builder is empty
  /// then.
  package func finish() throws(BatchError) -> (header: BatchHeader, bytes: UnsafeRawBufferPointer)? {
    guard let header else { return nil }
    self.header = nil
    return try packer.pack(UnpackedBatch(header: header, codec: codec, records: records))
  }

  /// The batch for somebody else's `BatchPacker`; nil when there is no record. The builder is empty then, and goes on in other memory.
  ///
  /// - Parameter other: one of `buffer(capacity:)` that nobody uses. It is the batch's from here on.
  package func seal(goingOnIn other: RecordBuffer) throws(BatchError) -> UnpackedBatch? {
    guard let header else { return nil }
    other.setCount(0)
    try other.reserve(limit)
    self.header = nil
    records.exchange(with: other)
    return UnpackedBatch(header: header, codec: codec, records: other)
  }

  /// For a batch before compression.
  package static func buffer(capacity: Int = 0) throws(BatchError) -> RecordBuffer {
    try RecordBuffer(capacity: capacity, limit: Int(Int32.max))
  }

  /// Bytes of the batch so far, uncompressed, its header included.
  package var size: Int { records.count }

  /// - Parameter size: of the record's encoding, its own length field not counted.
  @inline(__always)
  private func encode(
    _ timestampDelta: Int64, _ offsetDelta: Int64, size: Int,
    _ writeFields: (inout RawWriter) throws(BatchError) -> Void
  ) throws(BatchError) {
    guard size <= Int(Int32.max) else { throw .tooLarge(bytes: size, limit: Int(Int32.max)) }
    let start = records.count
    let end = start + SourceRecord.varintSize(Int64(size)) + size
    try records.reserve(end)
    var writer = RawWriter(UnsafeMutableRawBufferPointer(rebasing: records.space[start..<end]))
    writer.write(varint: Int64(size))
    writer.write(byte: 0)
    writer.write(varint: timestampDelta)
    writer.write(varint: offsetDelta)
    try writeFields(&writer)
    records.setCount(start + writer.position)
  }
}

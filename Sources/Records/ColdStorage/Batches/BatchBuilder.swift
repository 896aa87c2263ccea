import Compression

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
  private let output: RecordBuffer
  private var compressor: ZstdCompressor
  private var header: BatchHeader?

  /// - Parameter codec: zstd, lz4 or none.
  package init(codec: BatchCodec, limit: Int = BatchBuilder.defaultLimit) throws(ArchiveError) {
    guard Self.codecs.contains(codec) else { throw .batch(.unsupportedCodec(codec)) }
    self.codec = codec
    self.limit = limit
    do {
      compressor = try ZstdCompressor()
    } catch {
      throw .batch(.outOfMemory)
    }
    do {
      records = try RecordBuffer(capacity: limit, limit: Int(Int32.max))
      output = try RecordBuffer(capacity: limit, limit: Int.max / 2)
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
    guard var header else {
      header = BatchHeader(
        baseOffset: record.offset, size: 0, attributes: .init(codec: .none), lastOffsetDelta: 0,
        baseTimestamp: record.timestamp, maxTimestamp: record.timestamp, recordCount: 1)
      records.setCount(BatchHeader.byteCount)
      return try encode(record, timestampDelta: 0, offsetDelta: 0)
    }
    let (timestampDelta, wraps) = record.timestamp.subtractingReportingOverflow(header.baseTimestamp)
    let (offsetDelta, leaps) = record.offset.subtractingReportingOverflow(header.baseOffset)
    guard offsetDelta > Int64(header.lastOffsetDelta) else {
      throw .damaged("offset \(record.offset) comes after \(header.lastOffset)")
    }
    guard !wraps, !leaps, let lastOffsetDelta = Int32(exactly: offsetDelta) else { return false }
    let size = record.bodySize(timestampDelta: timestampDelta, offsetDelta: offsetDelta)
    guard records.count + SourceRecord.varintSize(Int64(size)) + size <= limit else { return false }
    header.lastOffsetDelta = lastOffsetDelta
    header.maxTimestamp = max(header.maxTimestamp, record.timestamp)
    header.recordCount += 1
    self.header = header
    return try encode(record, timestampDelta: timestampDelta, offsetDelta: offsetDelta)
  }

  /// The batch as it goes to disk, borrowed until the next call; nil when there is no record. The builder is empty
  /// then.
  package func finish() throws(BatchError) -> (header: BatchHeader, bytes: UnsafeRawBufferPointer)? {
    guard var header else { return nil }
    self.header = nil
    let stored = try compressed() ?? records
    header.attributes = .init(codec: stored === records ? .none : codec)
    header.size = stored.count
    guard header.size - BatchHeader.uncounted <= Int(Int32.max) else {
      throw .tooLarge(bytes: header.size, limit: Int(Int32.max))
    }
    header.encode(into: stored.space)
    header.checksum = BatchHeader.checksum(of: stored.bytes)
    header.encode(into: stored.space)
    return (header, stored.bytes)
  }

  /// Nil when compression is off or would not make the batch smaller.
  private func compressed() throws(BatchError) -> RecordBuffer? {
    guard codec != .none else { return nil }
    let plain = UnsafeRawBufferPointer(rebasing: records.bytes[BatchHeader.byteCount...])
    output.setCount(0)
    let bound = codec == .lz4 ? LZ4Compressor.bound(plain.count) : ZstdCompressor.bound(plain.count)
    try output.reserve(BatchHeader.byteCount + bound)
    let target = UnsafeMutableRawBufferPointer(rebasing: output.space[BatchHeader.byteCount...])
    let count: Int
    do {
      count =
        codec == .lz4
        ? try LZ4Compressor().compress(plain, into: target) : try compressor.compress(plain, into: target)
    } catch {
      throw .damaged("compression failed: \(error)")
    }
    guard count < plain.count else { return nil }
    output.setCount(BatchHeader.byteCount + count)
    return output
  }

  private func encode(_ record: SourceRecord, timestampDelta: Int64, offsetDelta: Int64) throws(BatchError) -> Bool {
    let size = record.bodySize(timestampDelta: timestampDelta, offsetDelta: offsetDelta)
    guard size <= Int(Int32.max) else { throw .tooLarge(bytes: size, limit: Int(Int32.max)) }
    let start = records.count
    let end = start + SourceRecord.varintSize(Int64(size)) + size
    try records.reserve(end)
    var writer = RawWriter(UnsafeMutableRawBufferPointer(rebasing: records.space[start..<end]))
    writer.write(varint: Int64(size))
    writer.write(byte: 0)
    writer.write(varint: timestampDelta)
    writer.write(varint: offsetDelta)
    Self.write(record.key, to: &writer)
    Self.write(record.value, to: &writer)
    writer.write(varint: Int64(record.headers.count))
    for header in record.headers {
      Self.write(header.name, to: &writer)
      Self.write(header.value, to: &writer)
    }
    records.setCount(start + writer.position)
    return true
  }

  @inline(__always)
  private static func write(_ bytes: UnsafeRawBufferPointer?, to writer: inout RawWriter) {
    guard let bytes else { return writer.write(varint: -1) }
    writer.write(varint: Int64(bytes.count))
    writer.write(bytes)
  }
}

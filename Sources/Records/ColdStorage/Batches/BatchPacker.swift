import Compression

/// A batch whose records are encoded, behind the room of a header, and neither compressed nor summed up: what is left to do needs nothing else.
package struct UnpackedBatch: Sendable {
  /// Size, codec and checksum are not set yet.
  let header: BatchHeader
  let codec: BatchCodec
  package let records: RecordBuffer
}

/// Compresses batches and makes their headers, in memory that is used again and again. It stays on one thread.
package final class BatchPacker {
  private var compressor: ZstdCompressor
  private let output: RecordBuffer

  package init() throws(BatchError) {
    do { compressor = try ZstdCompressor() } catch { throw .outOfMemory }
    output = try RecordBuffer(limit: Int.max / 2)
  }

  /// Bytes of memory that it keeps for what it has compressed.
  package var capacity: Int { output.capacity }

  /// The batch as it goes to disk or over the wire, borrowed until the next call and for as long as its records are left alone.
  package func pack(
    _ batch: UnpackedBatch
  ) throws(BatchError) -> (header: BatchHeader, bytes: UnsafeRawBufferPointer) {
    let isCompressed = try compress(batch)
    let place = isCompressed ? output : batch.records
    var header = batch.header
    header.attributes = .init(codec: isCompressed ? batch.codec : .none)
    header.size = place.count
    guard header.size - BatchHeader.uncounted <= Int(Int32.max) else {
      throw .tooLarge(bytes: header.size, limit: Int(Int32.max))
    }
    header.encode(into: place.space)
    header.checksum = BatchHeader.checksum(of: place.bytes)
    header.encode(into: place.space)
    return (header, place.bytes)
  }

  /// False when compression is off or would not make the batch smaller.
  private func compress(_ batch: UnpackedBatch) throws(BatchError) -> Bool {
    guard batch.codec != .none else { return false }
    let plain = UnsafeRawBufferPointer(rebasing: batch.records.bytes[BatchHeader.byteCount...])
    output.setCount(0)
    let bound = batch.codec == .lz4 ? LZ4Compressor.bound(plain.count) : ZstdCompressor.bound(plain.count)
    try output.reserve(BatchHeader.byteCount + bound)
    let target = UnsafeMutableRawBufferPointer(rebasing: output.space[BatchHeader.byteCount...])
    let count: Int
    do {
      count =
        batch.codec == .lz4
        ? try LZ4Compressor().compress(plain, into: target) : try compressor.compress(plain, into: target)
    } catch {
      throw .damaged("compression failed: \(error)")
    }
    guard count < plain.count else { return false }
    output.setCount(BatchHeader.byteCount + count)
    return true
  }
}

import Compression

/// Inflates batches into slots, with contexts that are used again and again. It stays on one thread.
package final class BatchInflater {
  private var zstd: ZstdDecompressor
  private var gzip: GzipDecompressor
  private var lz4: LZ4Decompressor

  package init() throws(ArchiveError) {
    do {
      zstd = try ZstdDecompressor()
      gzip = try GzipDecompressor()
      lz4 = try LZ4Decompressor()
    } catch {
      throw .batch(.outOfMemory)
    }
  }

  /// Puts the batch's records, uncompressed, into `slot`, which grows when it must and no longer needs the reader's
  /// memory.
  package func inflate(_ batch: StoredBatch, into slot: RecordBuffer) throws(ArchiveError) {
    do {
      try inflate(batch.payload, batch.header.attributes.codec, into: slot)
    } catch {
      throw batch.failure(error)
    }
  }

  func inflate(
    _ payload: UnsafeRawBufferPointer, _ codec: BatchCodec?, into slot: RecordBuffer
  ) throws(BatchError) {
    slot.setCount(0)
    switch codec {
    case BatchCodec.none?: try slot.append(payload)
    case .zstd:
      let stated = ZstdDecompressor.statedSize(of: payload).flatMap { Int(exactly: $0) }
      try fill(slot, payload, stated) { slot throws(CompressionError) in try zstd.decompress(payload, into: slot) }
    case .gzip:
      try fill(slot, payload) { slot throws(CompressionError) in try gzip.decompress(payload, into: slot) }
    case .lz4:
      try fill(slot, payload) { slot throws(CompressionError) in try lz4.decompress(payload, into: slot) }
    case .snappy:
      try fill(slot, payload) { slot throws(CompressionError) in
        try SnappyDecompressor.decompress(payload, into: slot)
      }
    case nil: throw .damaged("the batch names a codec that does not exist")
    }
  }

  /// Kafka's own writers do not state the size. Guessing and trying again with twice the room costs less than
  /// streaming, which goes through a window of the library's own: slots soon have the size that a topic's batches need.
  private func fill(
    _ slot: RecordBuffer, _ payload: UnsafeRawBufferPointer, _ stated: Int? = nil,
    _ decompress: (UnsafeMutableRawBufferPointer) throws(CompressionError) -> Int
  ) throws(BatchError) {
    try slot.reserve(min(slot.limit, stated ?? payload.count.multipliedReportingOverflow(by: 4).partialValue))
    while true {
      do {
        slot.setCount(try decompress(slot.space))
        return
      } catch {
        switch error {
        case .needsMoreSpace:
          guard slot.capacity < slot.limit else { throw .tooLarge(bytes: slot.capacity + 1, limit: slot.limit) }
          try slot.reserve(slot.capacity + 1)
        case .damaged(let reason): throw .damaged("the batch does not inflate: \(reason)")
        case .outOfMemory: throw .outOfMemory
        }
      }
    }
  }
}

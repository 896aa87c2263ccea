import CZstd

/// A zstd context (RFC 8878) that is used again and again. One thread at a time.
package struct ZstdCompressor: ~Copyable {
  /// What zstd itself and Kafka take unless told otherwise.
  package static let defaultLevel: Int32 = 3

  private let context: OpaquePointer

  /// Levels run from 1 (fast) to 22 (small); others are taken to the nearest.
  package init(level: Int32 = ZstdCompressor.defaultLevel) throws(CompressionError) {
    guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
    let result = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    guard ZSTD_isError(result) == 0 else {
      ZSTD_freeCCtx(context)
      throw CompressionError(zstd: result)
    }
    self.context = context
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Writes `source` as one frame, which states its inflated size, and returns the frame's length.
  package mutating func compress(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) throws(CompressionError) -> Int {
    let written = ZSTD_compress2(context, destination.baseAddress, destination.count, source.baseAddress, source.count)
    guard ZSTD_isError(written) == 0 else { throw CompressionError(zstd: written) }
    return written
  }

  /// The most that `count` bytes can become.
  package static func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }
}

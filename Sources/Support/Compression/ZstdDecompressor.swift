import CZstd

/// A zstd context (RFC 8878) that is used again and again. One thread at a time.
package struct ZstdDecompressor: ~Copyable {
  private let context: OpaquePointer

  package init() throws(CompressionError) {
    guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Inflates all frames of `source` into `destination` and returns how many bytes that were.
  package mutating func decompress(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) throws(CompressionError) -> Int {
    let written = ZSTD_decompressDCtx(
      context, destination.baseAddress, destination.count, source.baseAddress, source.count)
    guard ZSTD_isError(written) == 0 else { throw CompressionError(zstd: written) }
    return written
  }

  /// What the first frame says of its inflated size, if anything (writers that stream, such as Kafka's, leave it out).
  /// Not to be trusted: the input may lie.
  package static func statedSize(of source: UnsafeRawBufferPointer) -> UInt64? {
    let size = ZSTD_getFrameContentSize(source.baseAddress, source.count)
    // ZSTD_CONTENTSIZE_UNKNOWN and ZSTD_CONTENTSIZE_ERROR, macros that do not import: the two largest numbers.
    return size >= UInt64.max - 1 ? nil : size
  }
}

extension CompressionError {
  init(zstd code: Int) {
    switch ZSTD_getErrorCode(code) {
    case ZSTD_error_dstSize_tooSmall: self = .needsMoreSpace
    case ZSTD_error_memory_allocation: self = .outOfMemory
    default: self = .damaged(String(cString: ZSTD_getErrorName(code)))
    }
  }
}

import CLZ4

/// A context for LZ4 frames (the LZ4 frame format 1.6, as KIP-57 has Kafka write them) that is used again and again. One
/// thread at a time.
package struct LZ4Decompressor: ~Copyable {
  private let context: OpaquePointer

  package init() throws(CompressionError) {
    var context: OpaquePointer?
    guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0, let context else {
      throw .outOfMemory
    }
    self.context = context
  }

  deinit { LZ4F_freeDecompressionContext(context) }

  /// Inflates all frames of `source` into `destination` and returns how many bytes that were.
  package mutating func decompress(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) throws(CompressionError) -> Int {
    LZ4F_resetDecompressionContext(context)
    var (taken, made) = (0, 0)
    // 0 once a frame has ended, else a hint of how much more it wants.
    var wanted = 1
    while taken < source.count {
      var (count, room) = (source.count - taken, destination.count - made)
      wanted = LZ4F_decompress(
        context, destination.baseAddress.map { $0 + made }, &room, source.baseAddress.map { $0 + taken }, &count, nil)
      guard LZ4F_isError(wanted) == 0 else {
        throw .damaged("lz4: \(String(cString: LZ4F_getErrorName(wanted)))")
      }
      taken += count
      made += room
      // It takes nothing more: what it has must go somewhere first.
      if count == 0, room == 0 { throw .needsMoreSpace }
    }
    guard wanted != 0 else { return made }
    throw made == destination.count ? .needsMoreSpace : .damaged("the LZ4 frame is cut off")
  }
}

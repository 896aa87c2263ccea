import CLZ4

/// Writes LZ4 frames (the LZ4 frame format 1.6) that Kafka's own readers take: independent blocks of 64 KiB, and no content size (KIP-57).
package struct LZ4Compressor: Sendable {
  package init() {}

  /// Writes `source` as one frame and returns the frame's length.
  package func compress(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) throws(CompressionError) -> Int {
    var preferences = Self.preferences
    let written = LZ4F_compressFrame(
      destination.baseAddress, destination.count, source.baseAddress, source.count, &preferences)
    guard LZ4F_isError(written) == 0 else {
      throw .damaged("lz4: \(String(cString: LZ4F_getErrorName(written)))")
    }
    return written
  }

  /// The most that `count` bytes can become.
  package static func bound(_ count: Int) -> Int {
    var preferences = Self.preferences
    return LZ4F_compressFrameBound(count, &preferences)
  }

  private static var preferences: LZ4F_preferences_t {
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.frameInfo.blockSizeID = LZ4F_max64KB
    return preferences
  }
}

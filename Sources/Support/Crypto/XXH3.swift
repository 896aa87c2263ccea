import CXXHash

/// XXH3 in its 128-bit form, seed 0 and no secret. Fast and well mixed, and no defence against a forger.
package enum XXH3 {
  package static func hash128(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
    let hash = xxh3_128(bytes.baseAddress, bytes.count)
    return UInt128(hash.high64) << 64 | UInt128(hash.low64)
  }
}

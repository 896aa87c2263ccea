import CXXHash

/// XXH3 in its 128-bit form, seed 0 and no secret, of bytes that come piece by piece. Fast and well mixed, and no defence against a forger.
/// Source: xxHash's specification, `doc/xxhash_spec.md`.
package struct XXH3: ~Copyable {
  private let state: OpaquePointer

  package init() throws(CryptoError) {
    guard let state = xxh3_state_new() else { throw .outOfMemory }
    // This and the other calls fail for null pointers only.
    xxh3_128_reset(state)
    self.state = state
  }

  deinit { xxh3_state_free(state) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    xxh3_128_update(state, base, bytes.count)
  }

  package consuming func finish() -> XXH3Sum { XXH3Sum(value: UInt128(xxh3_128_digest(state))) }

  /// The same of bytes that are all there.
  package static func hash128(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
    UInt128(xxh3_128(bytes.baseAddress, bytes.count))
  }
}

extension UInt128 {
  fileprivate init(_ hash: xxh3_sum) { self = UInt128(hash.high64) << 64 | UInt128(hash.low64) }
}

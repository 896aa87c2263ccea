import Crypto

/// Tells whether a topic's index files still have the bytes that they had. It finds every accident, and who forges one only gets what was read before to be
/// used on: nothing else is ever told by it.
struct IndexFingerprint: ~Copyable {
  private var hash: XXH3

  init() throws(ArchiveError) {
    do { hash = try XXH3() } catch { throw .crypto(error) }
  }

  /// A file, or the next part of one.
  mutating func add(_ bytes: UnsafeRawBufferPointer) { hash.update(bytes) }

  mutating func endFile(_ size: Int) { withUnsafeBytes(of: UInt64(size).bigEndian) { hash.update($0) } }

  mutating func add(_ file: [UInt8]) {
    file.withUnsafeBytes { add($0) }
    endFile(file.count)
  }

  consuming func finish() -> XXH3Sum { hash.finish() }
}
